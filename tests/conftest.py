"""What every test may use; nothing here acts by itself."""

pytest_plugins = ["pytester"]
