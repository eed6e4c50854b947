import pytest

from masterflow.analysis.dependencies.ports import PortClass, class_of, is_dynamic, serves_everybody


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        (1433, PortClass.DATABASE),
        (8443, PortClass.REQUEST),
        (5672, PortClass.QUEUE),
        (445, PortClass.TRANSFER),
        (53, PortClass.HOUSEKEEPING),
        (3389, PortClass.ADMINISTRATION),
        (7777, PortClass.OTHER),
        (None, PortClass.OTHER),
    ],
)
def test_ports_have_a_class(port, kind):
    assert class_of(port) is kind


def test_a_dynamic_port_is_high_unless_a_product_listens_there():
    assert is_dynamic(55228, 5000)
    assert not is_dynamic(50000, 5)
    assert is_dynamic(40000, 5)
    assert not is_dynamic(40000, 5000)
    assert not is_dynamic(8443, 1)


def test_directory_and_backup_ports_serve_everybody_and_databases_do_not():
    assert serves_everybody(88)
    assert serves_everybody(13724)
    assert not serves_everybody(1433)
