"""The reasons why a model was not reached or did not answer, one sentence each."""
