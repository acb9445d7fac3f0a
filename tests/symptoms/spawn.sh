# Starts the command that it is given, if any, and a child once it has read a line.
"$@"
# A shell that cannot fork ends its script.
trap 'read -r line' EXIT
echo ready
read -r line
/usr/bin/true
echo started
