"""without_user_namespaces.py COMMAND...: runs it where no user namespace can be made.

In a user namespace of its own, whose limit of further ones is 0: the machine's settings stay as they are. The user
keeps its number and gains nothing. Exit status 77: this machine lets nobody make one, so that nothing is to be shown.
"""

import ctypes
import os
import sys

_CLONE_NEWUSER = 0x10000000


def main():
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER) != 0:
        sys.exit(77)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    with open("/proc/sys/user/max_user_namespaces", "w", encoding="utf-8") as file:
        file.write("0")
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
