"""Whether insights say what is so: of simulated organisations, and of comments that people have read and labelled."""
