"""The story that `quickstart` and `demo` tell: files in, flows through their gates, documents out."""
