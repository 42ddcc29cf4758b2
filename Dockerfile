# The toolkit and its own models, run by an ordinary user, without a network, on a root file system that is read-only:
#   docker build -t stance .
#   docker run --rm --network none --read-only --tmpfs /tmp -v "$PWD:/work" stance extract articles -o statements.jsonl
FROM python:3.11-slim AS build
WORKDIR /source
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/stance
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY toolkit toolkit
COPY configs configs
COPY experiments experiments
COPY data data
RUN /opt/stance/bin/pip install --constraint constraints.txt . \
    && /opt/stance/bin/python -m compileall -q /opt/stance

FROM python:3.11-slim
COPY --from=build /opt/stance /opt/stance
RUN useradd --create-home --uid 1000 stance && mkdir /work && chown stance /work
# What libraries would like to write goes to /tmp, a tmpfs; nothing is asked of a hub.
ENV PATH=/opt/stance/bin:$PATH HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib HF_HOME=/tmp/huggingface \
    HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /work
USER 1000
ENTRYPOINT ["stance"]
CMD ["--help"]
