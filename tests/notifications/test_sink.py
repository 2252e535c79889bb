from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from notifications import mail, sink
from tests.postbox import free_port


def test_the_sink_keeps_each_letter_as_a_file_that_only_its_owner_reads(config, tmp_path, capsys):
    letter = mail.compose(
        config, "digest-1", "anna@example.org", "it", "digest", {"open": 1, "today": 0, "late": 0, "news": 0, "path": "/inbox"}
    )
    config = replace(config, smtp_port=free_port())
    server = sink.serve(config)
    try:
        mail.send(config, letter)
    finally:
        server.stop()

    files = list((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"]
    assert files[0].stat().st_mode & 0o077 == 0
    assert message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == "Attività in agenda"
    assert "anna" not in capsys.readouterr().out


def test_the_sink_listens_to_this_machine_only(config):
    with pytest.raises(mail.UnsafeTransport):
        sink.serve(replace(config, smtp_host="0.0.0.0"))
