"""The sandbox's web pages: the home page of the account, and the public viewer pages of products."""
