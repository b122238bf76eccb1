import pytest

from tests.contracts.stages import STAGES, Stage


@pytest.fixture(params=STAGES.values(), ids=list(STAGES))
def stage(request: pytest.FixtureRequest) -> Stage:
    made: Stage = request.param()
    return made
