using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Bench.GoldenFiles;

/// <summary>One recorded number, list or tensor against ours.</summary>
/// <param name="Name">What is compared.</param>
/// <param name="Error">The largest |ours - recorded| / (1 + |recorded|); infinite where one of the two has no value or another shape.</param>
/// <param name="Tolerance">Above this, the two disagree.</param>
internal sealed record GoldenResult(string Name, double Error, double Tolerance = GoldenResult.SinglePrecision)
{
    public const double SinglePrecision = 1e-4;

    public bool Agrees => Error <= Tolerance;

    public static GoldenResult Of(string name, double? recorded, double? ours, double tolerance = SinglePrecision) =>
        new(name, Distance(recorded, ours), tolerance);

    public static GoldenResult Of(string name, IReadOnlyList<double?> recorded, IReadOnlyList<double?> ours) =>
        new(name, recorded.Count == ours.Count ? recorded.Zip(ours, Distance).DefaultIfEmpty(0).Max() : double.PositiveInfinity);

    public static GoldenResult Of(string name, Tensor recorded, Tensor? ours)
    {
        if (ours is null || !recorded.shape.SequenceEqual(ours.shape))
        {
            return new GoldenResult(name, double.PositiveInfinity);
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var expected = recorded.to(ScalarType.Float64);
        var worst = ours.to(ScalarType.Float64).sub(expected).abs().div(expected.abs().add(1)).max().ToDouble();
        return new GoldenResult(name, double.IsNaN(worst) ? double.PositiveInfinity : worst);
    }

    private static double Distance(double? recorded, double? ours) => (recorded, ours) switch
    {
        (null, null) => 0,
        ({ } expected, { } actual) when !double.IsNaN(actual) => Math.Abs(actual - expected) / (1 + Math.Abs(expected)),
        _ => double.PositiveInfinity,
    };
}
