#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder: it sees to a Python of
# 3.11 or later, and to the packages that grading needs.
#
# AUTOGRADER_ROOT is where Gradescope puts everything. With AUTOGRADER_PYTHON, a Python that
# has the packages already, nothing is installed.
set -euo pipefail

root=${AUTOGRADER_ROOT:-/autograder}
source=$root/source
python=${AUTOGRADER_PYTHON:-$root/venv/bin/python}

# The solutions and the secret are nobody's but root's, whatever became of them in the archive.
chmod -R u+rwX,go-rwx "$source"

can_be_used() { "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if can_be_used "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

install_python() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y python3 python3-venv
    if ! find_python; then
        # Ubuntu 22.04 has Python 3.10 only.
        apt-get install -y software-properties-common
        add-apt-repository -y ppa:deadsnakes/ppa
        apt-get update
        apt-get install -y python3.11 python3.11-venv
    fi
}

if [ -z "${AUTOGRADER_PYTHON:-}" ]; then
    find_python || install_python
    "$(find_python)" -m venv "$root/venv"
    "$python" -m pip install --no-cache-dir --disable-pip-version-check \
        --constraint "$source/constraints.txt" --requirement "$source/requirements.txt"
fi

# For the instructor, who reads this output. Each submission asks again: what holds where an
# image is built may not hold where it is run.
cd "$source"
"$python" -B -m autograder doctor || echo "Here, nobody could be graded: see README.md."
