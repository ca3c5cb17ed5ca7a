"""The parts that trainers are put together from; none of them knows what is trained."""
