using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Shared;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points by step.</param>
/// <param name="Colour">An index into the palette.</param>
/// <param name="Dots">Shows each point: for what is measured once in a while.</param>
/// <param name="Faint">History: drawn pale and kept out of the legend.</param>
/// <param name="Shade">Where the line stands on a scale, 0..1: it is coloured by that instead.</param>
public sealed record CurveLine(string Name, IReadOnlyList<CurvePoint> Points, int Colour, bool Dots = false, bool Faint = false, double? Shade = null);
