"""The karate club: a graph convolutional network finds from two members with whom the others went."""

from collections import deque

import numpy as np
import pytest
from closeness import assert_within
from models import TOLERANCE, off_torch

from deltarule import data, matlab
from deltarule.models import graphs
from deltarule.models.experiments import EXPERIMENTS, SEEDS

EDGES, CLUB = data.karate()
GCN = EXPERIMENTS["gcn_karate"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_run_ends_at_torchs_weights(seed):
    assert off_torch("gcn_karate", seed) <= TOLERANCE  # measured: 4e-16


def sides(count):
    """The clubs that so many starts give each member."""
    return GCN.outputs(GCN.train(GCN.starts(range(1, count + 1))), GCN.samples()[0]).argmax(axis=-1)


def test_all_but_person_9_are_given_the_club_that_they_joined_from_every_start():
    """100 of the starts 1 to 100. Were the rate 0.99, fewer than 94 had a probability of 5e-4."""
    found = sides(100)
    wrong = found != CLUB
    assert (wrong.sum(axis=1) == 1).sum() >= 94
    assert (wrong.mean(axis=1) <= GCN.accepted).sum() >= 94
    assert (wrong[:, 8] & (wrong.sum(axis=1) == 1)).sum() >= 94


def largest_flow(edges, source, sink):
    """How much flows from a node to another through edges that let 1 through either way: as much as a cut can stop."""
    left = {(int(a), int(b)): 1 for pair in edges for a, b in (pair, pair[::-1])}
    flow = 0
    while True:
        before, waiting = {source: source}, deque([source])
        while waiting and sink not in before:
            node = waiting.popleft()
            for (a, b), room in left.items():
                if a == node and room and b not in before:
                    before[b] = a
                    waiting.append(b)
        if sink not in before:
            return flow
        flow, node = flow + 1, sink
        while node != source:
            left[before[node], node] -= 1
            left[node, before[node]] += 1
            node = before[node]


def test_what_the_network_finds_is_a_smallest_cut_between_the_two_and_what_the_members_did_is_not():
    assert largest_flow(EDGES, 0, 33) == 10
    (found,) = sides(1)
    assert graphs.cut(EDGES, found) == 10
    assert graphs.cut(EDGES, CLUB) == 11


def test_the_club_has_34_members_and_78_friendships():
    assert EDGES.shape == (78, 2)
    assert (EDGES[:, 0] < EDGES[:, 1]).all()
    assert len({tuple(pair) for pair in EDGES.tolist()}) == 78
    degrees = np.bincount(EDGES.ravel())
    assert (len(degrees), degrees[0], degrees[33], degrees.min(), CLUB.sum()) == (34, 16, 17, 1, 17)
    assert (CLUB[0], CLUB[33], CLUB[8]) == (0, 1, 0)
    again, _ = data.karate()
    again[:] = 0
    assert data.karate()[0].any()


def test_renumbered_nodes_give_the_same_outputs_renumbered():
    weights, _ = GCN.start(1)
    X, _ = GCN.samples()
    S = graphs.normalised_adjacency(EDGES, 34)
    for seed in (1, 2, 3):
        order = matlab.rng(seed).randperm(34) - 1  # the new node i is the old one order[i]
        renumbered = graphs.normalised_adjacency(np.argsort(order)[EDGES], 34)
        y = graphs.gcn_forward(*weights, X[order], renumbered)
        assert_within(y, graphs.gcn_forward(*weights, X, S)[order], absolute=1e-15, relative=0)


def test_the_mixing_matrix_is_symmetric_and_its_largest_eigenvalue_is_1():
    S = graphs.normalised_adjacency(EDGES, 34)
    assert np.array_equal(S, S.T)
    values = np.linalg.eigvalsh(S)
    assert_within(values[-1], 1, absolute=1e-14, relative=0)
    assert values[0] > -1


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([[0, 1], [1, 3]], r"^edges must be of nodes from 0 to 2, not 3"),
        ([[0, 1], [1, 5]], r"^edges must be of nodes from 0 to 2, not 5$"),
        ([[0, 1], [1, -1]], r"^edges must be of nodes from 0 to 2, not -1"),
        ([[[0, 1], [1, 2]]], r"^edges must have the shape \(edges, 2\), not \(1, 2, 2\)$"),
        ([[0, 1]], r"^edges must give every node a neighbour, but node 2 has none"),
        ([[1, 2]], r"^edges must give every node a neighbour, but node 0 has none"),
        ([[0, 1], [1, 2], [1, 0]], r"^edges must be there once each"),
        ([[0, 1], [2, 2]], r"^edges must lead to another node, but one leads from 2 to itself"),
        ([[0, 1, 2]], r"^edges must have the shape"),
        (np.zeros((0, 2), dtype=int), r"^edges must have the shape"),
        ([[0.0, 1.0]], r"^edges must be integers"),
        (None, r"^edges must be integers"),
    ],
)
def test_edges_that_make_no_graph_are_refused(edges, message):
    with pytest.raises((TypeError, ValueError), match=message):
        graphs.normalised_adjacency(edges, 3)
    with pytest.raises((TypeError, ValueError), match=message):
        graphs.cut(edges, [0, 0, 1])


def test_classes_and_mixing_that_do_not_fit_are_refused():
    X, D = GCN.samples()
    weights, _ = GCN.start()
    S = GCN.given(weights)["S"]
    half = np.where(np.arange(34)[:, None] == 5, [0.5, 0.0], D)  # besides the ones of two others
    both = np.where(np.arange(34)[:, None] == 5, 1.0, D)
    for wrong in (0 * D, 2 * D, D + 1, -D, half, both):
        with pytest.raises(ValueError, match=r"^D must have a single 1 among zeros for each node whose class is known"):
            graphs.gcn_karate(*weights, X, wrong, S)
    with pytest.raises(ValueError, match=r"^D must have the shape \(34, 2\)"):
        graphs.gcn_karate(*weights, X, D[:, :1], S)
    for wrong in (S[:33], S[0], S[:, :3]):
        with pytest.raises(ValueError, match=r"^S must have the shape \(34, 34\)"):
            graphs.gcn_forward(*weights, X, wrong)


def test_a_ring_of_300_nodes_mixes_each_with_its_two_neighbours_and_itself():
    ring = np.stack([np.arange(300), np.roll(np.arange(300), -1)], axis=1)
    S = graphs.normalised_adjacency(ring, 300)
    expected = sum(np.roll(np.eye(300), by, axis=1) for by in (-1, 0, 1)) / 3
    assert_within(S, expected, absolute=1e-15, relative=0)
