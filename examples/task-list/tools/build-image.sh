# Stands in for the builder of the sandbox's image.
set -eu
mkdir -p workplace
cp Sandboxfile workplace/image
echo "built an image with at most ${SANDBOX_MEMORY:-no limit} of memory"
