"""Divides links among domains with SciPy's general solver: the oracle of solver-oracle.mjs.

Reads a JSON array of groups from standard input and prints, for each, the least common completion in seconds.
The model is written here anew: it shares nothing with the package.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize


def traffic(domain, rates, rounds):
    """All that is sent after so many rounds, at each of several rates."""
    memory, wws, dirty = domain["memoryBytes"], domain["wwsBytes"], domain["dirtyBytesPerSecond"]
    cold = domain.get("coldBytesPerSecond", 0.0)
    volume = np.full_like(rates, memory)
    total = volume.copy()
    for _ in range(rounds):
        seconds = volume / rates
        hot = wws * -np.expm1(-dirty * seconds / wws) if wws > 0 else 0.0
        volume = np.minimum(hot + cold * seconds, memory)
        total = total + volume
    return total


def least_completion(group):
    """minimise t over x = ln(r / r0) and t = ln(T / T0), subject to ln T_k(r_k) <= t, sum of r_k <= B and the bounds."""
    domains, link, rounds = group["domains"], group["link"], group["rounds"]
    memory = np.array([domain["memoryBytes"] for domain in domains])
    start = link * memory / memory.sum()
    unit = memory.sum() / link

    def log_completions(x):
        rates = start * np.exp(x)
        sent = np.array([traffic(d, rates[k : k + 1], rounds)[0] for k, d in enumerate(domains)])
        return np.log(sent / rates / unit)

    low = [np.log(max(d.get("leastBytesPerSecond", 0.0), 1e-9 * s) / s) for d, s in zip(domains, start)]
    high = [np.log(min(d.get("mostBytesPerSecond", link), link) / s) for d, s in zip(domains, start)]
    best = np.inf
    for share in (0.9, 0.5, 0.99):
        x = np.clip(np.full(len(domains), np.log(share)), low, high)
        found = minimize(
            lambda z: z[-1],
            np.append(x, log_completions(x).max()),
            jac=lambda z: np.append(np.zeros(len(z) - 1), 1.0),
            constraints=[
                {"type": "ineq", "fun": lambda z: z[-1] - log_completions(z[:-1])},
                {"type": "ineq", "fun": lambda z: 1.0 - (start * np.exp(z[:-1])).sum() / link},
            ],
            bounds=[*zip(low, high), (None, None)],
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        # What it found, made feasible to the last bit: a solver's constraints hold to its tolerance only.
        rates = np.clip(start * np.exp(found.x[:-1]), start * np.exp(low), start * np.exp(high))
        if (scale := rates.sum() / link) > 1:
            rates = np.maximum(rates / scale, start * np.exp(low))
        if rates.sum() <= link * (1 + 1e-9):
            best = min(best, float(np.exp(log_completions(np.log(rates / start)).max()) * unit))
    return best


json.dump([least_completion(group) for group in json.load(sys.stdin)], sys.stdout)
