from hypothesis import settings

# A busy machine is no counterexample, and the pure tests are to be run while one types.
settings.register_profile("trading", deadline=None, max_examples=50)
settings.load_profile("trading")
