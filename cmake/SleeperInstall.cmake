# The install target follows.
