# Fails where a text still has a mark of a conflict.
if grep -n '^<<<<<<<' ./*.txt; then exit 1; fi
