using CsCheck;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class GridSearchTests
{
    private static readonly string[] Names = ["learning_rate", "passes", "batch_size", "weight_decay"];

    [Fact]
    public void Start_AnyGrid_ProposesEveryCombinationExactlyOnce() =>
        Gen.Int[1, 6].Array[1, 4].Sample(sizes =>
        {
            var spec = Spec(sizes);

            var proposals = new GridSearch().Start(spec, slots: 1).Proposals;

            var expected = sizes.Aggregate(1, (product, size) => product * size);
            Assert.Equal(expected, proposals.Length);
            Assert.Equal(expected, proposals.Select(Key).Distinct().Count());
            Assert.Equal(Enumerable.Range(1, expected), proposals.Select(proposal => proposal.Number));
            Assert.All(proposals, proposal => Assert.All(spec.Parameters, axis => Assert.Contains(proposal.Parameters[axis.Name], axis.GridValues)));
        });

    [Fact]
    public void Start_FirstSweep_ProposesSixTrials()
    {
        var step = new GridSearch().Start(SweepTemplates.FirstSweep, slots: 1);

        Assert.Equal(6, step.Proposals.Length);
        Assert.True(step.State.Exhausted);
        Assert.Equal(3, step.Proposals.Select(proposal => proposal.Parameters["learning_rate"]).Distinct().Count());
    }

    [Fact]
    public void Start_AnyGridWithAConditionAndAConstraint_ProposesEveryAllowedConfigurationExactlyOnce() =>
        Gen.Int[1, 4].Array[4, 4].Sample(sizes =>
        {
            var plain = Spec(sizes);
            var spec = plain with
            {
                Parameters = plain.Parameters.SetItem(0, plain.Parameters[0] with { When = new ParameterCondition("passes", [1L]) }),
                Constraints = ["batch_size <= passes + 1"],
            };

            var proposals = new GridSearch().Start(spec, slots: 1).Proposals.Select(Key).ToList();

            var expected = from passes in Enumerable.Range(1, sizes[1])
                           from batch in Enumerable.Range(1, sizes[2])
                           from decay in Enumerable.Range(1, sizes[3])
                           from rate in passes == 1 ? Enumerable.Range(1, sizes[0]).Select(value => $"learning_rate={value};") : [""]
                           where batch <= passes + 1
                           select $"batch_size={batch};{rate}passes={passes};weight_decay={decay}";
            Assert.Equal(expected.Order(StringComparer.Ordinal), proposals.Order(StringComparer.Ordinal));
        });

    internal static string Key(Proposal proposal) => string.Join(';', proposal.Parameters.Select(pair => $"{pair.Key}={pair.Value}"));

    internal static SweepSpec Spec(int[] sizes) => new(
        "grid",
        "marks",
        [.. sizes.Select((size, axis) => (ParameterSpec)new ChoiceParameter(Names[axis], [.. Enumerable.Range(1, size).Select(value => ParameterValue.Of((long)value))]))],
        new SearchSpec(SearchKind.Grid),
        new Objective());
}
