"""Given names that tell a person's gender, from many countries."""

from __future__ import annotations

__all__ = ["FEMALE_NAMES", "MALE_NAMES"]

FEMALE_NAMES = frozenset(
    (
        "maria anna ana elena olga irina natalia tatiana svetlana ekaterina katarina julia sofia sophie emma olivia "
        "laura sara sarah ingrid astrid sigrid freya greta helga heidi ursula angela claire marie jeanne camille "
        "isabelle lucia carmen rosa teresa gabriela valentina camila mariana beatriz fatima aisha amina khadija layla "
        "leila nadia noor zainab mariam maryam yasmin samira hanan rania dalia priya anita sunita lakshmi deepa "
        "kavita nisha meera indira sushma mei ling xiu yan hui jing yuki keiko sakura haruka naomi akiko soo-jin "
        "ji-woo min-ji linh lan huong thuy siti dewi ngozi chidinma amara abena akosua adwoa wanjiru njeri achieng "
        "nomsa thandiwe zanele grace mary elizabeth margaret catherine kate jane helen susan linda patricia jennifer "
        "barbara nancy karen lisa betty dorothy sandra ashley kimberly donna emily michelle carol amanda melissa "
        "deborah stephanie rebecca sharon cynthia kathleen amy shirley brenda pamela nicole samantha christine rachel "
        "carolyn janet hillary melania ivanka jill dana zofia agnieszka ewa malgorzata katarzyna ilse marta eva ivana "
        "jelena milena vesna mila elif ayse zeynep emine aylin nino tamar salome gulnara aigul dinara saule liina "
        "kadri tiina aino hanna johanna katri theresa yvette nikki sheldon kamala jacinda nicola tulsi aung marine "
        "annegret asa lucy ruth gina christina alexandria ilhan rashida gretchen keisha stacey condoleezza madeleine "
        "hilary joan judith diane anne alice ella eleanor florence georgia hannah heather ida irene josephine joyce "
        "june kathy kelly kelsey lauren leah lily lois louise mabel maya megan melinda mia molly monica nadine nora "
        "paula penny phoebe rose roberta sally shelley stella tara tina valerie vera victoria virginia wendy zoe"
    ).split()
)

MALE_NAMES = frozenset(
    (
        "john james robert michael william david richard joseph thomas charles christopher daniel matthew anthony "
        "mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan "
        "jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander "
        "raymond patrick jack dennis jerry tyler aaron jose adam henry nathan douglas peter zachary kyle walter ethan "
        "jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe "
        "jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph ivan vladimir sergei dmitri dmitry "
        "alexei mikhail nikolai andrei oleg igor viktor yuri boris pavel anton maxim karl hans klaus jan piotr tomasz "
        "marek andrzej lars erik olav sven nils anders bjorn ole johan gustav pierre jean luc antoine michel francois "
        "louis philippe carlos luis miguel jorge pedro diego fernando javier rafael manuel antonio francisco "
        "alejandro mohammed muhammad mohamed ahmed ahmad ali hassan hussein omar khalid ibrahim youssef yusuf tariq "
        "karim samir bilal faisal abdullah salman rashid hamid reza mehdi rajesh ravi anil sunil vijay arjun sanjay "
        "amit rahul imran asif nawaz wei jun ming chen li hiroshi takeshi kenji satoshi minh nguyen bambang agus "
        "kwame kofi yaw chukwu emeka tunde musa sani juma otieno kamau thabo sipho mehmet mustafa emre murat giorgi "
        "levan nursultan bakyt timur giuseppe marco luca matteo stefan dragan milan goran zoran petar nikola ilir "
        "arben recep barack bernie emmanuel jair nicolas xi narendra kim jong moon shinzo yoshihide rodrigo mujiv "
        "sheldon graham philip lindsey brett hugo alex ben bill bob bobby bruno cameron chad chuck clarence colin "
        "craig curtis dan darren dave dean derek dominic don doug drew duncan ed eddie elliot elon evan felix fred "
        "garry gavin geoff geoffrey gerard glenn graeme greg guy hank harry howard hugh ian jake jamie jay jeff "
        "jerome jim jimmy jonas jon josh keir ken kurt lee leo leonard lewis liam lloyd lou malcolm marc marcus "
        "martin mat matt max mike mitch mitt morgan ned neil nick nigel norman oliver oscar owen pat pete phil ray "
        "rex rick rob rod ron rory ross rudy russell sam seth shane sid simon spencer stan steve stuart ted tim toby "
        "todd tom tony trevor vince vincent warren wesley will zach zac abdel bashar muammar mahmoud ismail yasser "
        "hosni ehud ariel yitzhak shimon avigdor naftali yair"
    ).split()
)
