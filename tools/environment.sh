#!/bin/sh
# Makes a virtual environment, once, or again where what it was made from has changed.
#     sh tools/environment.sh FOLDER CONSTRAINTS PIP_ARGUMENTS...
# $PYTHON is tried first, and $PYTHONS says which versions fit.
set -u
folder=$1 constraints=$2 pythons=${PYTHONS:-3.11, 3.12 or 3.13}
shift 2

# A stamp holds the text that the environment was installed from. It is compared by content, so a `git checkout`, which changes dates,
# reinstalls nothing and nothing needs the network twice.
wanted="$(pwd) $* $(cat pyproject.toml "$constraints")"
[ "$(cat "$folder/installed" 2>/dev/null)" != "$wanted" ] || exit 0

# TensorFlow's wheel says for which Python, system and processor a bundle was made.
has_wheels='import glob, platform, sys; system = "macosx" if sys.platform == "darwin" else "linux"
sys.exit(not glob.glob(f"wheels/tensorflow-*-cp3{sys.version_info.minor}-*{system}*{platform.machine()}.whl"))'

case " $* " in *" --no-index "*) from_wheels=yes ;; *) from_wheels= ;; esac
for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 ""; do
    "$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv[1])' "$pythons" 2>/dev/null || continue
    [ -z "$from_wheels" ] || "$python" -c "$has_wheels" || continue
    break
done

if [ -z "$python" ] && [ -n "$from_wheels" ]; then
    echo "The folder wheels holds the packages for another Python or another kind of computer: its TensorFlow is"
    echo "    $(echo wheels/tensorflow-2*)"
    echo "Install that Python, or get the bundle for yours; or remove the folder to install from the network."
    exit 1
elif [ -z "$python" ]; then
    echo "$folder needs Python $pythons, and none was found. Install one"
    echo "(Debian, Ubuntu: sudo apt install python3 python3-venv;  macOS: brew install python@3.13),"
    echo "or name yours: make PYTHON=/path/to/python COMMAND"
    exit 1
elif ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
    echo "$python cannot make virtual environments yet. On Debian and Ubuntu: sudo apt install python3-venv"
    exit 1
fi

"$folder/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$folder" || exit 1
echo "Installing into $folder. This takes some minutes, once."
"$folder/bin/python" -m pip install --disable-pip-version-check -c "$constraints" "$@" || exit 1
printf '%s\n' "$wanted" >"$folder/installed"
