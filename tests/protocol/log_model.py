#!/usr/bin/env python3
"""The commit protocol of docs/formats/log-entry.md as a model that runs.

The product's code is src/sleeper/state/{slot_appender,log_impl,committer_impl}. This is the same protocol in two hundred
lines, without states, bytes or errors: small enough to change first when the protocol is to change.

Processes take turns after every operation of the store; who is next, how fast a process is, whose answer is lost, whose
put lands late or is sent twice, and who dies is drawn from a seed. Four things are checked:

  lost      what a writer was told to be committed is in the history
  doubled   no transaction is in the history twice
  phantom   a reader sees nothing but the history
  stale     a reader sees all that was committed before it began

The protocol has six safeguards. Each can be taken away, and then one of the four is broken: `--without` shows it.

  log_model.py                         a few seconds: clean with all safeguards, and a known seed for each one taken away
  log_model.py --runs 200000           looks for trouble with all safeguards
  log_model.py --runs 50000 --without chain
"""

import argparse
import random
import sys
import time

# What each safeguard is, and a (personality, seed) that breaks the protocol without it.
SAFEGUARDS = {
    "look": ("after its put, a writer makes sure that it was the end of the log", ("usual", 93)),
    "chain": ("an entry names the one before it, and readers compare", ("usual", 2174)),
    "newest": ("truncation leaves the newest entry", ("usual", 62)),
    "etag": ("what is read is the object that was listed", ("deaf", 527)),
    "ids": ("after a refresh, a writer looks for its own entries before it tries again", ("usual", 1)),
    "doubt": ("where the known ids do not reach back to a try, its outcome is unknown", ("deaf", 241)),
}

# How the world treats its processes: chances of lost answers, late puts, puts sent twice, and death, per operation.
PERSONALITIES = {
    "usual": {"lost": 0.15, "late": 0.05, "twice": 0.02, "death": 0.001},
    "deaf": {"lost": 0.5, "late": 0.2, "twice": 0.02, "death": 0.001},
    "deadly": {"lost": 0.15, "late": 0.05, "twice": 0.02, "death": 0.01},
}

IDS_REMEMBERED = 3  # 10,000 in the product; small here, so that the bound is met
STEPS_MAX = 3000


class Broken(Exception):
    """One of the four promises is."""


class Dice:
    """Draws from one seed, by random() alone, whose numbers are the same in every version of Python."""

    def __init__(self, seed):
        self._source = random.Random(seed)

    def happens(self, chance):
        return self._source.random() < chance

    def below(self, bound):
        return int(self._source.random() * bound)

    def pick(self, things):
        return things[self.below(len(things))]

    def shuffled(self, things):
        rest, result = list(things), []
        while rest:
            result.append(rest.pop(self.below(len(rest))))
        return result


class View:
    """The log as a process knows it: a number, and the ids of the last entries up to it."""

    def __init__(self, number=0, ids=()):
        self.number, self.ids = number, tuple(ids)

    @property
    def last(self):
        return self.ids[-1] if self.ids else None

    def id_at(self, slot):
        """The id of the entry in `slot`, or None if that is too long ago, or to come."""
        back = self.number - slot
        return self.ids[-1 - back] if 0 <= back < len(self.ids) else None

    def plus(self, entry_id):
        return View(self.number + 1, self.ids + (entry_id,))


class World:
    """The objects of one log, and the history that only the checks may look at."""

    def __init__(self, dice, chances, without):
        self.dice, self.chances, self.without = dice, chances, without
        self.slots = {}  # number -> (id, id of the entry before)
        self.snapshots = {0: View()}
        self.history = []  # ids; entry n is at n - 1
        self.late = []

    def has(self, safeguard):
        return safeguard != self.without

    def create(self, slot, entry):
        if slot in self.slots:
            return False
        self.slots[slot] = entry
        if slot == len(self.history) + 1:  # everything else that is created is a stray
            self.history.append(entry[0])
        return True

    def put(self, slot, entry):
        """What the writer hears: True (created), False (exists), or None (nothing)."""
        if self.dice.happens(self.chances["late"]):
            self.late.append((slot, entry))
            return None
        created = self.create(slot, entry)
        if self.dice.happens(self.chances["lost"]):
            return None
        if self.dice.happens(self.chances["twice"]):
            return False
        return created

    def newest_snapshot(self):
        return self.snapshots[max(self.snapshots)]


def refreshed(world, view):
    """Point 1: follow the listed entries, or begin again from a snapshot. A generator that returns the view."""
    while True:
        listing = {slot: entry for slot, entry in world.slots.items() if slot > view.number}
        yield
        if not listing:
            return view
        following = view
        for slot in range(view.number + 1, max(listing) + 1):
            found = world.slots.get(slot)
            yield
            if found is None or slot not in listing:
                break
            if world.has("etag") and found != listing[slot]:
                break
            if world.has("chain") and found[1] != following.last:
                break
            following = following.plus(found[0])
        else:
            return following
        view = world.newest_snapshot()
        yield


def put_surely(world, slot, entry):
    """Point 2: put, and find out when the answer is lost. Returns whether we created the slot."""
    heard = world.put(slot, entry)
    yield
    while heard is None:
        found = world.slots.get(slot)
        yield
        if found is not None:
            return found == entry
        heard = world.put(slot, entry)
        yield
    return heard


def judged(world, slot, entry):
    """Point 3: was it really the end of the log? "committed", "stray" or "unknown"."""
    if not world.has("look"):
        return "committed"
    newest = max(world.slots, default=0)
    yield
    if newest == slot:
        return "committed"
    successor = world.slots.get(slot + 1)
    yield
    if successor is not None:
        return "committed" if successor[1] == entry[0] else "stray"
    known = world.newest_snapshot().id_at(slot)
    yield
    if known == entry[0]:
        return "committed"
    return "stray" if known is not None or not world.has("doubt") else "unknown"


def committed(world, name, view):
    """Appends one transaction. Returns a view, and the id that holds it, or None if that cannot be told."""
    tries = {}  # id -> slot: an id belongs to one slot and one entry
    while True:
        view = yield from refreshed(world, view)
        for entry_id, slot in list(tries.items()):
            known = view.id_at(slot)
            if world.has("ids") and known == entry_id:
                return view, entry_id
            if known is not None:
                del tries[entry_id]  # the slot is another's for ever
            elif world.has("doubt"):
                return view, None
        entry = (f"{name}.{world.dice.below(1 << 30)}", view.last)
        slot = view.number + 1
        tries[entry[0]] = slot
        if not (yield from put_surely(world, slot, entry)):
            continue
        fate = yield from judged(world, slot, entry)
        if fate == "unknown":
            return view, None
        if fate == "committed":
            return view.plus(entry[0]), entry[0]
        if world.slots.get(slot) == entry:
            if world.history[slot - 1] == entry[0]:
                raise Broken("lost")
            del world.slots[slot]
        yield
        del tries[entry[0]]
        view = world.newest_snapshot()
        yield


def writer(world, name, transactions, acknowledged):
    view = world.newest_snapshot()
    yield
    for number in range(transactions):
        view, entry_id = yield from committed(world, f"{name}{number}", view)
        if entry_id is not None:
            acknowledged.append(entry_id)
            if entry_id not in world.history:
                raise Broken("lost")


def truncator(world, rounds):
    """Point 4, with the least that may stay."""
    view = View()
    for _ in range(rounds):
        view = yield from refreshed(world, view)
        if view.number < 2:
            continue
        world.snapshots.setdefault(view.number, View(view.number, view.ids[-IDS_REMEMBERED:]))
        yield
        limit = view.number if world.has("newest") else view.number + 1
        doomed = [slot for slot in world.slots if slot < limit]
        yield
        for slot in world.dice.shuffled(doomed):
            world.slots.pop(slot, None)
            yield
        for number in sorted(world.snapshots)[:-1]:
            if world.dice.happens(0.5):
                world.snapshots.pop(number, None)
                yield


def reader(world, rounds):
    view = View()
    for _ in range(rounds):
        before = len(world.history)
        view = yield from refreshed(world, view)
        if list(view.ids) != world.history[view.number - len(view.ids) : view.number]:
            raise Broken("phantom")
        if view.number < before:
            raise Broken("stale")


def late_puts(world):
    while True:
        if world.late:
            world.create(*world.late.pop(0))
        yield


def play(seed, personality="usual", without=None):
    """One schedule. Returns the number of commits, or raises Broken."""
    dice = Dice(seed)
    chances = PERSONALITIES[personality]
    world = World(dice, chances, without)
    acknowledged = []
    mortal = [writer(world, name, count, acknowledged) for name, count in (("a", 3), ("b", 3), ("c", 2))]
    mortal += [truncator(world, 3), truncator(world, 3), reader(world, 4), reader(world, 3)]
    processes = mortal + [late_puts(world)]
    # Each process has one of these speeds, and changes it now and then: the slowest are zombies to the others.
    speeds = (0.02, 0.2, 1.0, 3.0)
    speed = [dice.pick(speeds) for _ in processes]
    for _ in range(STEPS_MAX):
        if len(processes) == 1:
            break
        at, left = 0, dice._source.random() * sum(speed)
        while at + 1 < len(processes) and left >= speed[at]:
            left -= speed[at]
            at += 1
        if dice.happens(0.02):
            speed[at] = dice.pick(speeds)
        try:
            next(processes[at])
        except StopIteration:
            del processes[at], speed[at]
        if len(processes) > 1 and dice.happens(chances["death"]):
            dead = dice.below(len(processes) - 1)
            del processes[dead], speed[dead]
    transactions = [entry_id.split(".")[0] for entry_id in world.history]
    if len(set(transactions)) < len(transactions):
        raise Broken("doubled")
    if not set(acknowledged) <= set(world.history):
        raise Broken("lost")
    return len(transactions)


def explore(runs, first, personality, without):
    """Plays many seeds. Returns {promise: (times, first seed)}."""
    found = {}
    for seed in range(first, first + runs):
        try:
            play(seed, personality, without)
        except Broken as broken:
            times, earliest = found.get(str(broken), (0, seed))
            found[str(broken)] = (times + 1, earliest)
    return found


def short_run(seconds):
    """What the tests do: all safeguards for a while, and each one taken away at a seed that shows why it is there."""
    failures = 0
    for name, (meaning, shown_by) in SAFEGUARDS.items():
        personality, seed = shown_by
        try:
            play(seed, personality, name)
            print(f"without {name!r} ({meaning}), seed {seed} of {personality!r} should break a promise, but does not")
            failures += 1
        except Broken as broken:
            print(f"without {name!r}, seed {seed} of {personality!r}: {broken}")
        try:
            play(seed, personality)
        except Broken as broken:
            print(f"with all safeguards, seed {seed} of {personality!r}: {broken}")
            failures += 1
    end, seed, commits = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        for personality in PERSONALITIES:
            try:
                commits += play(seed, personality)
            except Broken as broken:
                print(f"with all safeguards, seed {seed} of {personality!r}: {broken}")
                failures += 1
        seed += 1
    print(f"{seed} seeds of each personality with all safeguards: {commits} commits, {failures} failures")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, help="seeds to play; without it, the short run")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--without", choices=SAFEGUARDS, help="a safeguard to take away")
    parser.add_argument("--personality", choices=PERSONALITIES, help="by default all of them")
    parser.add_argument("--seconds", type=float, default=4, help="how long the short run plays")
    options = parser.parse_args()
    if options.runs is None:
        return 1 if short_run(options.seconds) else 0
    broken = False
    for personality in [options.personality] if options.personality else PERSONALITIES:
        found = explore(options.runs, options.first, personality, options.without)
        broken = broken or bool(found)
        said = ", ".join(f"{promise} {times} times, first at seed {seed}" for promise, (times, seed) in found.items())
        print(f"{personality}: {options.runs} seeds: {said or 'clean'}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
