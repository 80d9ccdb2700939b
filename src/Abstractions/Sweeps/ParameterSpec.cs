using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MlTr.Abstractions.Sweeps;

/// <summary>One axis of a search space: a hyper-parameter and the values it may take.</summary>
[GenerateSerializer, Immutable, Alias("mltr.ParameterSpec")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ChoiceParameter), "choice")]
[JsonDerivedType(typeof(FloatParameter), "float")]
[JsonDerivedType(typeof(IntParameter), "int")]
public abstract record ParameterSpec([property: Id(0)] string Name)
{
    /// <summary>The values of another listed parameter with which this one is active; null where it always is. An inactive parameter is not set, and keeps its default.</summary>
    [Id(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public ParameterCondition? When { get; init; }

    /// <summary>The values a grid takes on this axis, in order; empty if a grid cannot be made of it (a range without grid points).</summary>
    [JsonIgnore] public abstract ImmutableArray<ParameterValue> GridValues { get; }

    /// <summary>The value at a position of the unit interval, for random search.</summary>
    /// <param name="u">0 up to, not including, 1.</param>
    public abstract ParameterValue At(double u);

    /// <summary>Whether two trials may differ in it: a grid takes the grid values, every other search anything between the ends of a range.</summary>
    public bool Varies(SearchKind search) => this switch
    {
        { When: not null } => true, // set in some, not in others
        FloatParameter range when search != SearchKind.Grid => range.Min < range.Max,
        IntParameter range when search != SearchKind.Grid => range.Min < range.Max,
        _ => GridValues.Distinct().Skip(1).Any(),
    };
}

/// <summary>A listed set of values, of one type; with one value the parameter is fixed.</summary>
[GenerateSerializer, Immutable, Alias("mltr.ChoiceParameter")]
public sealed record ChoiceParameter(string Name, [property: Id(0)] ImmutableArray<ParameterValue> Values) : ParameterSpec(Name)
{
    /// <inheritdoc />
    [JsonIgnore] public override ImmutableArray<ParameterValue> GridValues => Values.IsDefault ? [] : Values;

    /// <inheritdoc />
    public override ParameterValue At(double u) => Values[Math.Min((int)(u * Values.Length), Values.Length - 1)];

    /// <inheritdoc />
    public bool Equals(ChoiceParameter? other) => other is not null && Name == other.Name && When == other.When && GridValues.AsSpan().SequenceEqual(other.GridValues.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, GridValues.Length);
}

/// <summary>A range of real numbers, both ends included.</summary>
/// <param name="Name">The hyper-parameter.</param>
/// <param name="Min">The lowest value.</param>
/// <param name="Max">The highest value.</param>
/// <param name="Log">Draws and spaces values evenly in the logarithm; needs Min above 0.</param>
/// <param name="GridPoints">How many values a grid takes, evenly spaced with both ends; 0 where only a random search may use the range.</param>
[GenerateSerializer, Immutable, Alias("mltr.FloatParameter")]
public sealed record FloatParameter(
    string Name,
    [property: Id(0)] double Min,
    [property: Id(1)] double Max,
    [property: Id(2)] bool Log = false,
    [property: Id(3)] int GridPoints = 0) : ParameterSpec(Name)
{
    /// <inheritdoc />
    [JsonIgnore]
    public override ImmutableArray<ParameterValue> GridValues =>
        GridPoints == 1 ? [ParameterValue.Of(Min)] : [.. Enumerable.Range(0, Math.Max(GridPoints, 0)).Select(i => At(i / (GridPoints - 1.0)))];

    /// <inheritdoc />
    public override ParameterValue At(double u) => ParameterValue.Of(u <= 0 ? Min : u >= 1 ? Max : Math.Clamp(
        Log ? Math.Exp(Math.Log(Min) + (u * (Math.Log(Max) - Math.Log(Min)))) : Min + (u * (Max - Min)), Min, Max));
}

/// <summary>A range of whole numbers, both ends included.</summary>
/// <param name="Name">The hyper-parameter.</param>
/// <param name="Min">The lowest value.</param>
/// <param name="Max">The highest value.</param>
/// <param name="Log">Draws and spaces values evenly in the logarithm; needs Min above 0.</param>
/// <param name="GridPoints">How many values a grid takes; values that round to the same number count once.</param>
[GenerateSerializer, Immutable, Alias("mltr.IntParameter")]
public sealed record IntParameter(
    string Name,
    [property: Id(0)] long Min,
    [property: Id(1)] long Max,
    [property: Id(2)] bool Log = false,
    [property: Id(3)] int GridPoints = 0) : ParameterSpec(Name)
{
    /// <inheritdoc />
    [JsonIgnore]
    public override ImmutableArray<ParameterValue> GridValues => GridPoints == 1
        ? [ParameterValue.Of(Min)]
        : [.. Enumerable.Range(0, Math.Max(GridPoints, 0)).Select(i => Spread(i / (GridPoints - 1.0))).Distinct()];

    /// <inheritdoc />
    public override ParameterValue At(double u) => Log
        ? Clamped(Math.Floor(Math.Exp(Math.Log(Min) + (u * (Math.Log(Max + 1.0) - Math.Log(Min))))))
        : Clamped(Math.Floor(Min + (u * (Max - Min + 1.0))));

    private ParameterValue Spread(double u) => Clamped(Math.Round(
        Log ? Math.Exp(Math.Log(Min) + (u * (Math.Log(Max) - Math.Log(Min)))) : Min + (u * (Max - Min)), MidpointRounding.AwayFromZero));

    private ParameterValue Clamped(double value) => ParameterValue.Of(Math.Clamp((long)value, Min, Max));
}

/// <summary>Makes a parameter depend on another one.</summary>
/// <param name="Name">The other parameter; the sweep must list it too.</param>
/// <param name="Values">The dependent parameter is active only if the other one is active and has one of these values.</param>
[GenerateSerializer, Immutable, Alias("mltr.ParameterCondition")]
public sealed record ParameterCondition([property: Id(0)] string Name, [property: Id(1)] ImmutableArray<ParameterValue> Values)
{
    /// <inheritdoc />
    public bool Equals(ParameterCondition? other) => other is not null && Name == other.Name && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Values.Length);

    /// <summary>As in <c>cross_window is true</c>.</summary>
    public override string ToString() => $"{Name} is {string.Join(" or ", Values)}";
}
