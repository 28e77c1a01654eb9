"""The table of the hostile suite: every attack, where it sits, what it comes to and what stops it.

`environments/SANDBOX.md` shows it (`sandbox_page_case.py` compares). An attack of environment code is the function of
its name in `environment_code.py`, any other the test of its name in `text_case.py`.
"""

import collections

# How it ends. Blocked: REFUSED, an error told to the environment's own code. Bounded: BOUNDED, it gets so much and no
# more; DIES, the instance ends, outcome environment_failed; TIME, it is killed at the deadline of a call.
REFUSED, BOUNDED, DIES, TIME = "refused", "bounded", "dies", "time"
# What shows that the attack works where nothing confines it: it succeeds there; it does where the kernel's settings let
# it; it is not tried there, because it would do harm or because it is one on our own protocol.
SUCCEEDS, MAY, NOT_TRIED = "succeeds", "may", "not tried"

Attack = collections.namedtuple("Attack", "name ends by control landlock_ends landlock_by")
TextAttack = collections.namedtuple("TextAttack", "name where verdict by")


def _row(name, ends, by, control=SUCCEEDS, landlock_ends=None, landlock_by=None):
    return Attack(name, ends, by, control, landlock_ends or ends, landlock_by or by)


_FILTER = "no such call in the filter"
_MOUNTS = "not mounted; Landlock"
_WRITES = "mounted read-only; Landlock"
_NO_WRITES = "the filter opens nothing for writing"
_CHANGES = "Landlock; not mounted"
_NO_CHANGES = "no changing call in the filter"
_PROC = "no /proc"

ENVIRONMENT_ATTACKS = [
    _row("read_a_file_of_the_host", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("read_the_users_of_the_host", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("read_through_a_link_in_its_own_folder", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("read_the_rubric_of_its_task", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("read_the_store", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("list_a_folder_of_the_host", REFUSED, _MOUNTS, landlock_by="Landlock"),
    _row("read_through_another_process", REFUSED, _PROC, landlock_by="Landlock"),
    _row("open_by_a_file_handle", REFUSED, _FILTER, MAY),
    _row("keys_in_its_own_environment", REFUSED, "empty environment"),
    _row("keys_in_the_environment_of_a_process", REFUSED, _PROC + "; the program is not dumpable",
         landlock_by="Landlock; the program is not dumpable"),
    _row("keys_in_an_inherited_descriptor", REFUSED, "closed before the sandbox starts and after the fork"),
    _row("files_below_an_inherited_folder", REFUSED, "closed before the sandbox starts and after the fork"),
    _row("keys_in_the_memory_of_a_process", REFUSED, _PROC, MAY, landlock_by="Landlock"),
    _row("read_memory_by_process_vm_readv", REFUSED, _FILTER),
    _row("write_a_file_of_the_host", REFUSED, _WRITES, landlock_by=_NO_WRITES),
    _row("write_to_the_temporary_folder", REFUSED, _WRITES, landlock_by=_NO_WRITES),
    _row("write_to_shared_memory", REFUSED, _WRITES, landlock_by=_NO_WRITES),
    _row("change_its_own_code", REFUSED, _WRITES, landlock_by=_NO_WRITES),
    _row("change_the_store", REFUSED, _WRITES, landlock_by=_NO_WRITES),
    _row("remove_a_file_of_the_host", REFUSED, _CHANGES, landlock_by=_NO_CHANGES),
    _row("rename_a_file_of_the_host", REFUSED, _CHANGES, landlock_by=_NO_CHANGES),
    _row("open_up_a_file_of_the_host", REFUSED, "not mounted", landlock_by=_NO_CHANGES),
    _row("link_to_a_file_of_the_host", REFUSED, _FILTER),
    _row("make_a_pipe_with_a_name", REFUSED, _FILTER),
    _row("fill_the_disk", BOUNDED, "its own file system: 16 MiB", landlock_ends=REFUSED, landlock_by=_NO_WRITES),
    _row("fill_the_disk_with_names", BOUNDED, "its own file system: 256 files", landlock_ends=REFUSED,
         landlock_by=_NO_WRITES),
    *(_row(name, REFUSED, _FILTER + "; empty network namespace; Landlock", landlock_by=_FILTER + "; Landlock")
      for name in ("connect_by_tcp", "connect_by_tcp_6", "send_by_udp", "connect_to_a_unix_socket",
                   "connect_to_an_abstract_socket", "open_a_socket_of_any_family")),
    _row("open_a_pair_of_sockets", REFUSED, _FILTER),
    _row("hand_a_descriptor_to_the_host", REFUSED, _FILTER),
    *(_row(name, REFUSED, _FILTER + "; RLIMIT_NPROC 0")
      for name in ("start_a_process", "start_a_process_by_clone3", "start_a_thread")),
    *(_row(name, REFUSED, _FILTER + "; RLIMIT_NPROC 0", NOT_TRIED) for name in ("fork_bomb", "thread_bomb")),
    _row("run_a_program", REFUSED, _FILTER + "; Landlock"),
    _row("become_a_program", REFUSED, _FILTER + "; Landlock", NOT_TRIED),
    _row("run_a_shell", REFUSED, _FILTER + "; Landlock"),
    *(_row(name, REFUSED, _FILTER + "; process namespace", control, landlock_by=_FILTER + "; Landlock (kernel 6.12)")
      for name, control in (("end_its_parent", NOT_TRIED), ("end_every_process", NOT_TRIED),
                            ("end_a_process", SUCCEEDS), ("end_a_process_by_its_descriptor", SUCCEEDS),
                            ("have_the_kernel_signal_a_process", SUCCEEDS))),
    *(_row(name, REFUSED, _FILTER + "; process namespace", control, landlock_by=_FILTER)
      for name, control in (("trace_a_process", MAY), ("limit_a_process", SUCCEEDS),
                            ("bind_a_process_to_a_processor", SUCCEEDS), ("slow_a_process_down", SUCCEEDS))),
    _row("raise_its_own_limits", REFUSED, _FILTER),
    *(_row(name, REFUSED, _FILTER, control)
      for name, control in (
          ("make_a_user_namespace", MAY), ("enter_the_namespace_of_a_process", MAY), ("mount_a_file_system", MAY),
          ("change_the_root", MAY), ("work_through_io_uring", MAY), ("load_a_kernel_program", MAY),
          ("watch_the_processor", MAY), ("keep_a_kernel_key", MAY), ("handle_page_faults", MAY),
          ("make_a_file_without_a_name", SUCCEEDS), ("make_system_v_shared_memory", SUCCEEDS),
          ("set_a_timer", SUCCEEDS), ("watch_files", SUCCEEDS), ("change_its_personality", SUCCEEDS),
          ("install_a_filter_of_its_own", SUCCEEDS), ("become_root", MAY), ("rename_the_host", NOT_TRIED))),
    _row("type_into_the_terminal", REFUSED, "no ioctl in the filter; descriptor 0 is /dev/null", NOT_TRIED),
    _row("call_by_the_numbers_of_another_architecture", DIES, "the filter ends the instance", MAY),
    _row("take_memory", BOUNDED, "RLIMIT_AS 512 MiB"),
    _row("map_memory", REFUSED, "RLIMIT_AS 512 MiB"),
    _row("take_descriptors", BOUNDED, "RLIMIT_NOFILE 64"),
    _row("crash_the_compiler", REFUSED, "compiled in the instance", NOT_TRIED),
    _row("compute_for_ever", TIME, "killed by pidfd; RLIMIT_CPU", NOT_TRIED),
    _row("compute_for_ever_in_one_instruction", TIME, "killed by pidfd; RLIMIT_CPU", NOT_TRIED),
    _row("sleep_for_ever", TIME, "killed by pidfd", NOT_TRIED),
    _row("sleep_for_ever_and_ignore_signals", TIME, "killed by pidfd", NOT_TRIED),
    _row("answer_half_a_line", TIME, "killed by pidfd", NOT_TRIED),
    _row("forge_an_answer", DIES, "numbers that cannot be guessed", NOT_TRIED),
    _row("forge_the_zygotes_word", DIES, "numbers that cannot be guessed", NOT_TRIED),
    _row("answer_the_next_call_as_well", DIES, "a surplus line ends the instance", NOT_TRIED),
    _row("answer_garbage", DIES, "the host takes JSON objects only", NOT_TRIED),
    _row("flood_the_channel", DIES, "the host reads a bounded line", NOT_TRIED),
    _row("answer_too_much", DIES, "4 MiB an answer", NOT_TRIED),
    _row("answer_too_deep", DIES, "100 levels an answer", NOT_TRIED),
    _row("answer_in_a_circle", DIES, "JSON cannot hold it", NOT_TRIED),
    _row("answer_past_the_encoder", DIES, "the host measures depth before it parses", NOT_TRIED),
    *(_row(name, DIES, "told as a death", NOT_TRIED) for name in ("close_the_channel", "leave", "crash")),
]

_REPLY = "8 MiB a reply, decoded"
_CALL, _REPLIES, _FILES, _TRACE = "tool arguments", "replies", "task files", "trajectories"
_text = TextAttack
_YAML = "the reader of task files"

TEXT_ATTACKS = [
    _text("call_a_method_that_is_no_tool", _CALL, "blocked", "only tools of the environment's list reach it"),
    _text("code_in_arguments", _CALL, "blocked", "arguments are data; nothing evaluates them"),
    _text("a_path_in_arguments", _CALL, "blocked", "tools look into their state, and see no files"),
    _text("arguments_that_are_nested_too_deep", _CALL, "blocked", "what is no readable object counts as {}"),
    _text("arguments_of_many_megabytes", _CALL, "bounded", _REPLY + "; 4 MiB an answer"),
    _text("arguments_that_are_no_object", _CALL, "blocked", "what is no readable object counts as {}"),
    _text("a_flood", _REPLIES, "bounded", _REPLY),
    _text("a_compressed_flood", _REPLIES, "bounded", _REPLY),
    _text("a_reply_that_is_nested_too_deep", _REPLIES, "blocked", "depth is measured before it is parsed"),
    _text("a_reply_without_end", _REPLIES, "bounded", "--timeout"),
    _text("a_redirection_that_would_take_the_key_elsewhere", _REPLIES, "blocked", "redirections are not followed"),
    _text("a_thousand_calls_in_one_reply", _REPLIES, "bounded", _REPLY + "; 30 s a call; --time-limit between turns"),
    _text("a_forged_result", _REPLIES, "blocked", "results come from the environment alone"),
    _text("yaml_aliases_that_multiply", _FILES, "blocked", _YAML + " takes no anchors"),
    _text("yaml_that_is_nested_too_deep", _FILES, "blocked", _YAML + " bounds depth"),
    _text("yaml_that_names_a_class", _FILES, "blocked", _YAML + " makes no objects"),
    _text("a_file_of_many_megabytes", _FILES, "blocked", _YAML + " bounds size"),
    _text("a_link_to_an_endless_file", _FILES, "blocked", "a bounded read of regular files"),
    _text("a_pipe_in_place_of_a_file", _FILES, "blocked", "a bounded read of regular files"),
    _text("a_link_to_a_file_of_the_host", _FILES, "blocked", "what is no task reaches nobody but the user"),
    _text("a_link_in_a_skill", _FILES, "blocked", "links out of the skill's folder are refused"),
    _text("a_path_in_place_of_a_name", _FILES, "blocked", "names are looked up among those that there are"),
    _text("escapes_in_a_title", _FILES, "blocked", "control characters are shown, not sent"),
    _text("forge_an_event_for_the_judge", _TRACE, "blocked", "a mark that is the digest of what it delimits"),
    _text("name_the_places_of_the_judges_prompt", _TRACE, "blocked", "the prompt is filled in one pass"),
    _text("order_the_judge_to_give_a_score", _TRACE, "open", "counted: judge --probe injection; citations checked"),
    _text("a_formula_in_a_table", _TRACE, "blocked", "an apostrophe before the cell's text"),
    _text("markup_in_a_report", _TRACE, "blocked", "escaped"),
    _text("escapes_on_a_terminal", _TRACE, "blocked", "control characters are shown, not sent"),
    _text("a_path_in_the_name_of_a_figure_or_file", _TRACE, "blocked", "file names are made of plain characters"),
    _text("a_line_of_a_replay_that_is_nested_too_deep", _TRACE, "blocked", "depth is measured before it is parsed"),
]


def _words(name):
    return name.replace("_", " ")


def _verdict(ends):
    return "blocked" if ends == REFUSED else "bounded"


def table():
    """As SANDBOX.md has it."""
    lines = ["| attack | in | bubblewrap | landlock | by |", "|---|---|---|---|---|"]
    for row in ENVIRONMENT_ATTACKS:
        by = row.by if row.by == row.landlock_by else f"{row.by} / {row.landlock_by}"
        kinds = f"{_verdict(row.ends)} | {_verdict(row.landlock_ends)}"
        lines.append(f"| {_words(row.name)} | environment code | {kinds} | {by} |")
    for row in TEXT_ATTACKS:
        lines.append(f"| {_words(row.name)} | {row.where} | {row.verdict} | {row.verdict} | {row.by} |")
    return "\n".join(lines) + "\n"
