# shellcheck shell=bash disable=SC2034 # what is set here is for the scripts that source it
# submit/common.sh
#
# What the scripts beside it share: where things are, how a call is read, how Spark is started. Sourced, not run.

project=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# The work failed.
fail() {
  printf 'submit/%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The call is wrong.
misused() {
  printf 'submit/%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# Splits a call, [--dry-run] [SPARK-SUBMIT OPTIONS --] COMMAND …, into the arrays dry_run, options and command.
split_call() {
  dry_run=() options=() command=()
  if [[ ${1:-} == --dry-run ]]; then
    dry_run=(--dry-run)
    shift
  fi
  while (($# > 0)); do
    if [[ $1 == -- ]]; then
      options=("${command[@]}")
      command=("${@:2}")
      return
    fi
    command+=("$1")
    shift
  done
}

# What the Spark options say after a flag or a key ($1, a regular expression), or nothing.
# Both spellings are Spark's: "--flag value" and "--flag=value".
option_value() {
  local joined
  joined=$(printf '%s\n' "${options[@]}")
  if [[ $joined =~ (^|$'\n'|=)($1)[=$'\n']([^$'\n']+) ]]; then echo "${BASH_REMATCH[-1]}"; fi
}

# Sets jar to what CVAE_JAR names, a path or a URL such as local:///opt/…; else to the newest of target's program jars,
# or to nothing.
find_jar() {
  jar=${CVAE_JAR:-}
  [[ -z $jar ]] || return 0
  local candidate
  for candidate in "$project"/target/cvae-spark-*.jar; do
    case $candidate in *-sources.jar | *-javadoc.jar | *-tests.jar) continue ;; esac
    if [[ -f $candidate && (-z $jar || $candidate -nt $jar) ]]; then jar=$candidate; fi
  done
}

# Sets spark_version and scala_version to those of a jars directory ($1), read off the name of Spark's core jar.
find_spark() {
  spark_version='' scala_version=''
  local core
  for core in "$1"/spark-core_*-*.jar; do
    [[ -f $core ]] || return 0
    core=${core##*/spark-core_}
    core=${core%.jar}
    scala_version=${core%%-*}
    spark_version=${core#*-}
  done
}

# Builds what this call needs and target lacks: the jar, and the embedded Spark unless SPARK_HOME names another.
build() {
  command -v "$java" >/dev/null || fail "there is no Java: $java cannot be run; install Java 17 or set JAVA_HOME"
  find_jar
  find_spark "$project/target/spark/jars"
  local missing=
  if [[ -z $jar ]]; then
    missing='program jar'
  elif [[ -z ${SPARK_HOME:-} && -z $spark_version ]]; then
    missing='embedded Spark'
  fi
  [[ -n $missing ]] || return 0

  command -v mvn >/dev/null || fail "there is no $missing in $project/target, and building it takes mvn," \
    'which is not on the PATH: install Maven 3.8 or later'
  echo "submit/${0##*/}: no $missing in $project/target; building it with mvn, which takes a minute or two" >&2
  # Standard output belongs to the program's results.
  (cd "$project" && mvn -B -q -Dstyle.color=never -DskipTests package) >&2 || fail 'the build failed; what Maven says stands above'

  find_jar
  find_spark "$project/target/spark/jars"
  [[ -n $jar ]] || fail "the build left no cvae-spark-*.jar in $project/target"
}

# Makes the embedded Spark the one to use; after build.
use_embedded_spark() {
  export SPARK_HOME=$project/target/spark SPARK_SCALA_VERSION=$scala_version
}

# Sets java_command to the java call that runs a class of the embedded Spark ($1) with the arguments that follow.
# As in Spark's bin/spark-class: the launcher works it out (memory, class path, module flags) and prints an empty word, a
# new line and the command, with a NUL after each word. We add the launcher's exit status.
find_java_command() {
  local words=() word last
  while IFS= read -r -d '' word; do words+=("$word"); done < <(
    status=0
    "$java" -Xmx128m -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main "$@" || status=$?
    printf '%d\0' "$status"
  )
  last=$((${#words[@]} - 1))
  ((words[last] == 0)) || fail "Spark's launcher ended with exit status ${words[last]}; what it says stands above"
  java_command=("${words[1]#$'\n'}" "${words[@]:2:last-2}")
}
