using MlTr.Abstractions.Datasets;
using MlTr.Model.Data;

namespace MlTr.Silo.Datasets;

/// <summary>The splits that people look at, read once and kept while they are among the last few.</summary>
internal sealed class OpenSets(DatasetCopies copies)
{
    private const int Kept = 4;

    // Headers are not checked: a person looks at few of the pictures, and a bad one says so when it is shown.
    private static readonly DatasetReadOptions Options = new() { CheckHeaders = false, MaxBadShare = 1, KeepBoxes = true };

    private readonly Lock _gate = new();
    private readonly List<(string Key, Lazy<ImageSet> Set)> _sets = [];

    /// <summary>A split with its boxes; its pictures have the same places each time.</summary>
    /// <exception cref="DatasetContentsException">There is no such split, or its records cannot be read.</exception>
    public ImageSet Open(DatasetSnapshot dataset, string split)
    {
        if (!dataset.Splits.IsDefaultOrEmpty && !dataset.Splits.Any(known => known.Name == split))
        {
            throw new DatasetContentsException($"{dataset.Id} has no split '{split}'; it has {string.Join(" and ", dataset.Splits.Select(known => known.Name))}.");
        }

        try
        {
            dataset = copies.HereOrComing(dataset) ?? throw new DatasetContentsException($"The files of {dataset.Id} are on their way to this machine: look again in a while.");
            return Find($"{dataset.Format}\n{dataset.Folder}\n{split}", () => DatasetFolder.Open(dataset.Folder, dataset.Format, split, Options)).Value;
        }
        catch (Exception error) when (error is DatasetFormatException or IOException or UnauthorizedAccessException)
        {
            Forget(dataset.Folder);
            throw new DatasetContentsException($"The {split} split of {dataset.Id} cannot be read: {error.Message}");
        }
    }

    private Lazy<ImageSet> Find(string key, Func<ImageSet> open)
    {
        lock (_gate)
        {
            var at = _sets.FindIndex(one => one.Key == key);
            var found = at >= 0 ? _sets[at] : (key, new Lazy<ImageSet>(open));
            if (at >= 0)
            {
                _sets.RemoveAt(at);
            }

            _sets.Add(found); // the last used comes last
            if (_sets.Count > Kept)
            {
                _sets.RemoveAt(0);
            }

            return found.Item2;
        }
    }

    private void Forget(string folder)
    {
        lock (_gate)
        {
            _sets.RemoveAll(one => one.Key.Contains($"\n{folder}\n", StringComparison.Ordinal));
        }
    }
}
