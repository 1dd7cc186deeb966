# Stands for Tomcat: reads its rendered settings and says what it was given.
. "$QUICKSTART/root/etc/default/tomcat"
trap 'echo "webapp: told to stop; bye"; kill $!; exit 0' TERM
echo "webapp: started with JAVA_OPTS=$JAVA_OPTS"
n=0
while :; do
	sleep 5 & wait $!
	n=$((n + 5))
	echo "webapp: serving for $n seconds; press Ctrl-C to stop"
done
