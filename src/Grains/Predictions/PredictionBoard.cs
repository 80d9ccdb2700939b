using System.Collections.Immutable;
using MlTr.Abstractions.Predictions;

namespace MlTr.Grains.Predictions;

/// <summary>Sorts and counts the scores of one checkpoint.</summary>
internal sealed class PredictionBoard(TrialScores scores)
{
    private readonly int _classes = scores.Classes.Length;
    private CoPredictions? _together;

    /// <summary>Pictures that could be read.</summary>
    public int Count { get; } = scores.Paths.Length - scores.Unread.Count;

    public TrialScores Scores => scores;

    private IEnumerable<int> Pictures => Enumerable.Range(0, scores.Paths.Length).Where(index => !scores.Unread.Contains(index));

    /// <summary>The pictures that are asked for, the surest mistake first; without one, by their place.</summary>
    public PredictionPage Find(PredictionQuery query)
    {
        var found = Pictures
            .Select(index => (Index: index, Verdicts: Wanted(index, query)))
            .Where(one => query is { Filter: PredictionFilter.All, Class: null } || one.Verdicts.Count > 0)
            .Select(one => (one.Index, Mistake: one.Verdicts.Select(verdict => verdict.Mistake).DefaultIfEmpty().Max()))
            .OrderByDescending(one => one.Mistake)
            .ThenBy(one => one.Index)
            .ToList();
        return new PredictionPage(found.Count, [.. found.Skip(query.Skip).Take(query.Take).Select(one => Picture(one.Index))]);
    }

    public bool Has(int index) => index >= 0 && index < scores.Paths.Length && !scores.Unread.Contains(index);

    public PredictedPicture Picture(int index)
    {
        ImmutableArray<ClassVerdict> verdicts = [.. Verdicts(index).Where(verdict => verdict.Found || verdict.Truth == true).OrderByDescending(verdict => verdict.Score)];
        return new PredictedPicture(index, scores.Paths[index], verdicts, verdicts.Select(verdict => verdict.Mistake).DefaultIfEmpty().Max());
    }

    /// <summary>In how many pictures one class is missed and another found in its place.</summary>
    public ImmutableArray<Confusion> Confusions(int count) =>
    [
        .. Pictures
            .SelectMany(index =>
            {
                var verdicts = Verdicts(index).ToList();
                return from missed in verdicts where missed.IsFalseNegative from instead in verdicts where instead.IsFalsePositive select (missed.Class, instead.Class);
            })
            .GroupBy(pair => pair)
            .Select(pair => new Confusion(pair.Key.Item1, pair.Key.Item2, pair.Count()))
            .OrderByDescending(pair => pair.Pictures).ThenBy(pair => pair.Missed).ThenBy(pair => pair.Instead)
            .Take(count),
    ];

    /// <summary>In how many pictures two classes are found, and are labelled, together.</summary>
    public CoPredictions Together => _together ??= CountTogether();

    private CoPredictions CountTogether()
    {
        var (predicted, labelled) = (new int[_classes * _classes], new int[_classes * _classes]);
        foreach (var index in Pictures)
        {
            var known = Verdicts(index).Where(verdict => verdict.Truth is not null).ToList();
            Count(predicted, [.. known.Where(verdict => verdict.Found)]);
            Count(labelled, [.. known.Where(verdict => verdict.Truth == true)]);
        }

        return new CoPredictions([.. predicted], [.. labelled]);

        void Count(int[] pairs, List<ClassVerdict> present)
        {
            foreach (var row in present)
            {
                foreach (var column in present)
                {
                    pairs[(row.Class * _classes) + column.Class]++;
                }
            }
        }
    }

    private List<ClassVerdict> Wanted(int index, PredictionQuery query) =>
    [
        .. Verdicts(index).Where(verdict => (query.Class is null || verdict.Class == query.Class) && query.Filter switch
        {
            PredictionFilter.Mistakes => verdict.IsFalsePositive || verdict.IsFalseNegative,
            PredictionFilter.FalsePositives => verdict.IsFalsePositive,
            PredictionFilter.FalseNegatives => verdict.IsFalseNegative,
            _ => verdict.Found || verdict.Truth == true,
        }),
    ];

    private IEnumerable<ClassVerdict> Verdicts(int index)
    {
        for (var k = 0; k < _classes; k++)
        {
            var (score, label) = (scores.Scores[(index * _classes) + k], scores.Labels[(index * _classes) + k]);
            yield return new ClassVerdict(k, score, (float)scores.Thresholds[k], label < 0 ? null : label == 1);
        }
    }
}
