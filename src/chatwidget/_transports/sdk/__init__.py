"""The user's own clients: of SDKs, and models of the package `llm`."""
