import subprocess
import sys


def test_a_program_looks_for_garbage_seldom_and_ends_as_ever() -> None:
    program = "import gc; from teisen.garbage import look_seldom; look_seldom(); print(gc.get_threshold()[0])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 50_000
    assert not done.stderr
