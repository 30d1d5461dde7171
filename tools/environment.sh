#!/bin/sh
# Makes a virtual environment, and makes it again only if its requirements change.
#     sh tools/environment.sh FOLDER CONSTRAINTS PIP_ARGUMENTS...
# Tries $PYTHON first. $PYTHONS lists the versions that fit.
set -u
folder=$1 constraints=$2 pythons=${PYTHONS:-3.11, 3.12 or 3.13}
shift 2

# The file `installed` holds the requirements. Comparing content, not dates, means that a
# `git checkout` reinstalls nothing, and nothing needs the network twice.
wanted="$(pwd) $* $(cat pyproject.toml "$constraints")"
[ "$(cat "$folder/installed" 2>/dev/null)" != "$wanted" ] || exit 0

# The name of TensorFlow's wheel shows which Python, system and processor a bundle is for.
has_wheels='import glob, platform, sys; system = "macosx" if sys.platform == "darwin" else "linux"
python = f"cp3{sys.version_info.minor}"
sys.exit(not glob.glob(f"wheels/tensorflow-*-{python}-*{system}*{platform.machine()}.whl"))'

case " $* " in *" --no-index "*) from_wheels=yes ;; *) from_wheels= ;; esac
for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11 ""; do
    "$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv[1])' \
        "$pythons" 2>/dev/null || continue
    [ -z "$from_wheels" ] || "$python" -c "$has_wheels" || continue
    break
done

if [ -z "$python" ] && [ -n "$from_wheels" ]; then
    echo "The folder wheels is for another Python or another kind of computer. It contains"
    echo "    $(echo wheels/tensorflow-2*)"
    echo "Install that Python, or get the bundle for yours."
    echo "With a network, just remove the folder."
    exit 1
elif [ -z "$python" ]; then
    echo "$folder needs Python $pythons, and none was found. Install one"
    echo "(Debian, Ubuntu: sudo apt install python3 python3-venv;  macOS: brew install python@3.13),"
    echo "or say where yours is: make PYTHON=/path/to/python COMMAND"
    exit 1
elif ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
    echo "$python cannot make virtual environments."
    echo "On Debian and Ubuntu, this helps: sudo apt install python3-venv"
    exit 1
fi

"$folder/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$folder" ||
    exit 1
echo "Installing into $folder. This takes a few minutes, but only once."
"$folder/bin/python" -m pip install --disable-pip-version-check -c "$constraints" "$@" || exit 1
printf '%s\n' "$wanted" >"$folder/installed"
