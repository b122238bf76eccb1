# Read by the commands beside it: find a Python, make .venv, install a lock into it.

fail() {
    echo "error: $*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Install it, or say where it is:" \
        "PYTHON=/path/to/python3 $0"
}

make_venv() {
    if [ -d .venv ] && ! is_new_enough .venv/bin/python; then
        echo "The Python of .venv is gone or too old: making .venv anew."
        rm -rf .venv
    fi
    [ -d .venv ] && return
    python=$(find_python) || exit 1
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "this Python cannot make virtual environments." \
            "Debian, Ubuntu: apt install python3-venv"
    "$python" -m venv .venv || { rm -rf .venv; fail "making .venv failed, see above"; }
}

# install NAME LOCK: only when the locks have changed since this NAME was last installed.
install() {
    stamp=.venv/installed-for-$1
    if cat "$2" requirements-static.txt | cmp -s - "$stamp"; then
        return
    fi
    echo "Installing $2 into .venv ..."
    rm -f "$stamp"
    pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet"
    $pip --require-hashes -r "$2" || fail "installing $2 failed, see above"
    # The wheel of one JavaScript file, without the Python packages that it would bring along.
    $pip --require-hashes --no-deps -r requirements-static.txt ||
        fail "installing requirements-static.txt failed, see above"
    cat "$2" requirements-static.txt >"$stamp"
}
