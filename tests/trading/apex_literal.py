"""APEX v7.1 once more, row by row as its rules are written, with nothing of the product in it."""

from statistics import fmean

from trading.candles import CandleSeries


def ema(values: list[float], length: int) -> list[float]:
    answer = [values[0]]
    for value in values[1:]:
        answer.append(answer[-1] + (value - answer[-1]) * 2 / (length + 1))
    return answer


def rsi(closes: list[float]) -> float:
    moves = [now - before for before, now in zip(closes[-15:], closes[-14:], strict=False)]
    gains, losses = sum(max(move, 0) for move in moves), sum(max(-move, 0) for move in moves)
    return 50 if gains + losses == 0 else 100 * gains / (gains + losses)


class Literal:
    def __init__(self, candles: CandleSeries) -> None:
        self.opened, self.high, self.low, self.close, self.volume = (
            [float(value) for value in column]
            for column in (candles.open, candles.high, candles.low, candles.close, candles.volume)
        )
        self.ema9, self.ema21, self.ema50 = (ema(self.close, length) for length in (9, 21, 50))
        line = [a - b for a, b in zip(ema(self.close, 12), ema(self.close, 26), strict=True)]
        self.hist = [a - b for a, b in zip(line, ema(line, 9), strict=True)]
        typical = [sum(each) / 3 for each in zip(self.high, self.low, self.close, strict=True)]
        worth = sum(price * size for price, size in zip(typical, self.volume, strict=True))
        self.vwap = worth / sum(self.volume)

    def reach(self, row: int) -> float:
        before = self.close[row - 1]
        return max(self.high[row], before) - min(self.low[row], before)

    def atr(self) -> float:
        rows = len(self.close)
        return fmean(self.reach(row) for row in range(rows - 14, rows))

    def adx(self) -> float:
        rows = len(self.close)
        return fmean(self.index(row) for row in range(rows - 14, rows))

    def index(self, end: int) -> float:
        plus = minus = 0.0
        for row in range(end - 13, end + 1):
            up, down = self.high[row] - self.high[row - 1], self.low[row - 1] - self.low[row]
            plus += up if up > 0 and up >= down else 0
            minus += down if down > 0 and down >= up else 0
        return 100 * abs(plus - minus) / (plus + minus)

    def score(self, favour: int) -> int:
        close, opened = self.close[-1], self.opened[-1]
        strength, before = rsi(self.close), rsi(self.close[:-1])
        near = [abs(close - line) / line < 0.005 for line in (self.ema21[-1], self.vwap)]
        quantity = self.volume[-1] >= 0.6 * (self.volume[-2] + self.volume[-3]) / 2
        turns = 30 < strength < 70 and (strength - before) * favour > 0
        rising = (self.hist[-1] - self.hist[-2]) * favour > 0
        if favour > 0:
            engulfs = self.close[-2] < self.opened[-2] < close and close > opened < self.close[-2]
            wick = opened - self.low[-1]
        else:
            engulfs = self.close[-2] > self.opened[-2] > close and close < opened > self.close[-2]
            wick = self.high[-1] - opened
        body, span = (close - opened) * favour, self.high[-1] - self.low[-1]
        hammer = body > 0 and wick > 2 * body and wick / span > 0.6
        return sum((any(near), turns, engulfs or hammer, rising, quantity))

    def enters(self) -> int:
        """1 long, -1 short, 0 not."""
        ratio = self.volume[-1] / fmean(self.volume[-5:])
        if self.volume[-1] / fmean(self.volume[-20:]) < 0.3 or ratio < 0.5 or self.adx() <= 20:
            return 0
        for favour in (1, -1):
            parts = (
                self.close[-1] - self.vwap, self.ema9[-1] - self.ema21[-1],
                self.ema21[-1] - self.ema50[-1], self.hist[-1],
            )  # fmt: skip
            if all(part * favour > 0 for part in parts):
                return favour if self.score(favour) >= 3 else 0
        return 0
