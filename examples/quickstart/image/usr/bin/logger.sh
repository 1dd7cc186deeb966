# Stands for a second program: shows the log level that its rendered file has.
echo "logger: $(grep ^log4j.rootLogger "$QUICKSTART/root/etc/webapp/log4j.properties")"
trap 'echo "logger: told to stop; bye"; kill $!; exit 0' TERM
while :; do sleep 60 & wait $!; done
