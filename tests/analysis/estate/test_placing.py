from uuid import UUID

from masterflow.analysis.estate.placing import Said, place_addresses

LOYALTY, NOTES, BILLING, CLOSING, SHOP = (UUID(int=n) for n in range(1, 6))
NAMES = {LOYALTY: "Loyalty", NOTES: "Notes"}
STATED = [Said(BILLING, LOYALTY), Said(CLOSING, LOYALTY), Said(SHOP, NOTES), Said(NOTES, CLOSING)]


def placed(*seen, stated=STATED, names=NAMES):
    return {address: one.application_id for address, one in place_addresses([*stated, *seen], names).items()}


def test_an_address_that_talks_as_two_statements_say_is_taken_for_the_application():
    seen = [Said(BILLING, "10.96.1.1"), Said(CLOSING, "10.96.1.1"), Said(SHOP, "10.96.1.1")]
    assert placed(*seen) == {"10.96.1.1": LOYALTY}
    reason = place_addresses([*STATED, *seen], NAMES)["10.96.1.1"].reason
    assert reason == "10.96.1.1 is taken for Loyalty: it talks as 2 of 2 statements about Loyalty say"


def test_one_common_neighbour_or_the_wrong_direction_proves_nothing():
    assert placed(Said(BILLING, "10.96.1.1")) == {}
    assert placed(Said("10.96.1.1", BILLING), Said("10.96.1.1", CLOSING)) == {}


def test_an_application_whose_machines_are_known_takes_no_address():
    seen = [Said(BILLING, "10.96.1.1"), Said(CLOSING, "10.96.1.1")]
    assert placed(*seen, names={NOTES: "Notes"}) == {}


def test_an_address_that_two_applications_fit_is_left_open():
    twins = [*STATED, Said(BILLING, NOTES), Said(CLOSING, NOTES)]
    twins = [s for s in twins if s not in (Said(SHOP, NOTES), Said(NOTES, CLOSING))]
    assert placed(Said(BILLING, "10.96.1.1"), Said(CLOSING, "10.96.1.1"), stated=twins) == {}


def test_two_of_many_statements_are_too_few():
    many = [*STATED, *(Said(UUID(int=n), LOYALTY) for n in range(10, 14))]
    assert placed(Said(BILLING, "10.96.1.1"), Said(CLOSING, "10.96.1.1"), stated=many) == {}


def test_a_row_without_an_address_says_nothing():
    assert placed(Said(BILLING, None), Said(CLOSING, None)) == {}
