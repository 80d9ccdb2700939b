using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;

namespace MlTr.Grains.Storage;

/// <summary>
/// Sorts one metric's points of all attempts into the valid curve and its history. The curve is unique by step: if two attempts hold
/// the same step and neither is superseded, the later attempt's word counts.
/// </summary>
internal sealed class CurveBuilder
{
    private readonly List<CurvePoint> _valid = [];
    private readonly List<CurvePoint> _superseded = [];

    /// <summary>Adds a point, in any order.</summary>
    public void Add(CurvePoint point, bool isSuperseded) => (isSuperseded ? _superseded : _valid).Add(point);

    /// <summary>The curve: valid points by step, history by attempt and step.</summary>
    public Curve Build(string name)
    {
        _valid.Sort((left, right) => (left.Step, left.Attempt).CompareTo((right.Step, right.Attempt)));
        var points = ImmutableArray.CreateBuilder<CurvePoint>(_valid.Count);
        for (var i = 0; i < _valid.Count; i++)
        {
            if (i + 1 < _valid.Count && _valid[i + 1].Step == _valid[i].Step)
            {
                _superseded.Add(_valid[i]);
            }
            else
            {
                points.Add(_valid[i]);
            }
        }

        _superseded.Sort((left, right) => (left.Attempt, left.Step).CompareTo((right.Attempt, right.Step)));
        return new(name, points.ToImmutable(), [.. _superseded]);
    }
}
