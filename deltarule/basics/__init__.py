"""What every wing stands on: arrays, activation and cost functions, checks of arguments, numerical gradients, files."""
