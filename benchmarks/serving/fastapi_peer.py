"""The same three questions answered by FastAPI and SQL by hand: a token is checked, and its
session; the figures are the same. No rates are counted, nothing is logged.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from benchmarks.serving import statements

CONNECTIONS = 8  # of a process
SECRET = os.environ["SECRET_KEY"]
Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

pool: Pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=CONNECTIONS,
    max_size=CONNECTIONS,
    open=False,
    connection_class=AsyncConnection[DictRow],
    kwargs={"autocommit": True, "row_factory": dict_row},
)


@asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


application = FastAPI(lifespan=life)


async def rows(statement: str, **values: object) -> list[DictRow]:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), values)
        return await cursor.fetchall()


async def caller(authorization: Annotated[str, Header()]) -> int:
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), SECRET, algorithms=["HS256"],
            audience="nija.api", issuer="nija",
        )  # fmt: skip
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    user = int(claims["sub"])
    if not await rows(statements.SESSION, session=claims["session"], user=user):
        raise HTTPException(401)
    return user


Caller = Annotated[int, Depends(caller)]


@application.get("/api/v1/account/balance")
async def balance(user: Caller) -> JSONResponse:
    (found,) = await rows(statements.BALANCE, user=user)
    return success(found)


@application.get("/api/v1/account/positions")
async def positions(user: Caller) -> JSONResponse:
    held = await rows(statements.POSITIONS, user=user)
    value, pnl, cost = (sum(row.pop(name) for row in held) for name in ("_value", "_pnl", "_cost"))
    summary = {
        "total_positions": len(held),
        "total_value_usd": value,
        "total_value": value,
        "total_unrealized_pnl": pnl,
        "total_unrealized_pnl_pct": pnl / cost * 100 if cost else None,
        "currency": "USD",
    }
    return success({"positions": held, "summary": summary})


@application.get("/api/v1/account/history")
async def history(user: Caller, page: int = 1, per_page: int = 50) -> JSONResponse:
    (counted,) = await rows(statements.TRADES, user=user)
    total = counted["total"]
    trades = await rows(
        statements.HISTORY, user=user, per_page=per_page, first=(page - 1) * per_page
    )
    pages = -(-total // per_page)
    paging = {
        "page": page,
        "per_page": per_page,
        "total_items": total,
        "total_pages": pages,
        "has_next": page < pages,
        "has_prev": page > 1,
    }
    return success({"trades": trades, "pagination": paging})


def success(data: Any) -> JSONResponse:
    return JSONResponse({"success": True, "data": data, "timestamp": datetime.now(UTC).isoformat()})
