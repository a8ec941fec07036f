"""One file a revision, in order. Each names `bridge` in every statement and changes nothing else."""
