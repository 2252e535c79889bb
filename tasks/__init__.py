"""What is done: by people (user tasks), by models (service tasks), by the clock (jobs). The joint of the house."""
