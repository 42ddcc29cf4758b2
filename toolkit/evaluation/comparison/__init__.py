"""Models against each other on the same statements: differences, tests over articles, what is tied."""
