using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;
using MlTr.Model.Data;

namespace MlTr.Silo.Datasets;

/// <summary>Looks into datasets with the model's readers.</summary>
internal sealed class ModelDatasetBrowser(IDatasetSource source, OpenSets sets) : IDatasetBrowser
{
    private const int ShownLeftOut = 50;

    public DatasetCheck Check(DatasetRegistration registration)
    {
        DatasetSnapshot dataset;
        try
        {
            dataset = source.Examine(registration);
        }
        catch (DatasetRegistrationException refused)
        {
            return DatasetCheck.Refused(new DatasetProblem(refused.Message.Contains("format", StringComparison.Ordinal) ? "format" : "folder", refused.Message));
        }

        if (DatasetCopies.IsBucket(dataset.Folder))
        {
            return new DatasetCheck(dataset.Format, [], [], [], []); // its labels are read once it is here
        }

        List<(string Split, ImageSet Set)> read = [];
        List<DatasetProblem> problems = [];
        foreach (var split in ModelDatasetSource.SweepSplits)
        {
            try
            {
                read.Add((split, DatasetFolder.Open(dataset.Folder, dataset.Format, split, new DatasetReadOptions { CheckHeaders = false })));
            }
            catch (Exception error) when (error is DatasetFormatException or IOException or UnauthorizedAccessException)
            {
                problems.Add(new DatasetProblem("folder", $"The {split} split cannot be read: {error.Message}"));
            }
        }

        if (read.Count == 2 && !read[0].Set.Classes.SequenceEqual(read[1].Set.Classes))
        {
            problems.Add(new DatasetProblem("folder", ClassesDiffer(read[0].Set.Classes, read[1].Set.Classes)));
        }

        return new DatasetCheck(
            dataset.Format,
            read.Count == 0 ? [] : [.. read[0].Set.Classes],
            [.. read.Select(one => new SplitPreview(one.Split, one.Set.Images.Count, one.Set.Quarantined.Count))],
            [.. problems],
            [.. read.SelectMany(one => one.Set.Quarantined).Select(bad => $"{bad.Path}: {bad.Reason}").Take(ShownLeftOut)]);
    }

    public SplitStatistics Count(DatasetSnapshot dataset, string split) => SplitCounter.Count(sets.Open(dataset, split), split);

    public PicturePage List(DatasetSnapshot dataset, PictureQuery query)
    {
        var set = sets.Open(dataset, query.Split);
        var wanted = query.Classes.IsDefaultOrEmpty ? [] : query.Classes;
        if (wanted.Any(k => k < 0 || k >= set.Classes.Count))
        {
            throw new DatasetContentsException(string.Create(CultureInfo.InvariantCulture, $"{dataset.Id} has the classes 0 to {set.Classes.Count - 1}."));
        }

        var found = Enumerable.Range(0, set.Images.Count).Where(i => wanted.All(k => set.Images[i].Labels[k] == 1)).ToList();
        return new PicturePage(found.Count, [.. found.Skip(query.Skip).Take(query.Take).Select(i => Picture(set.Images[i], i))]);
    }

    public PictureFile Thumbnail(DatasetSnapshot dataset, string split, int index, int side)
    {
        var set = sets.Open(dataset, split);
        if (index < 0 || index >= set.Images.Count)
        {
            throw new DatasetContentsException(string.Create(CultureInfo.InvariantCulture, $"The {split} split of {dataset.Id} has {set.Images.Count} pictures; there is no number {index}."));
        }

        try
        {
            var (file, type) = Model.Data.Thumbnail.Make(set.ReadBytes(set.Images[index]), side);
            return new PictureFile([.. file], type);
        }
        catch (Exception error) when (error is BadPictureException or IOException or UnauthorizedAccessException or DatasetFormatException)
        {
            throw new DatasetContentsException($"{set.Images[index].Path} cannot be shown: {error.Message}");
        }
    }

    private static PictureSnapshot Picture(ImageEntry image, int index) => new(
        index,
        image.Path,
        image.Width,
        image.Height,
        [.. SplitCounter.Present(image)],
        [.. Enumerable.Range(0, image.Labels.Length).Where(k => image.Labels[k] < 0)],
        image.Boxes is { } boxes && image.Width > 0 && image.Height > 0 ? [.. boxes.Select(box => Share(box, image))] : []);

    private static PictureBox Share(ImageBox box, ImageEntry image) =>
        new(box.Class, box.X / image.Width, box.Y / image.Height, box.Width / image.Width, box.Height / image.Height);

    private static string ClassesDiffer(IReadOnlyList<string> train, IReadOnlyList<string> validation)
    {
        var odd = train.Except(validation).Select(name => $"{name} (train only)").Concat(validation.Except(train).Select(name => $"{name} (validation only)")).Take(5).ToImmutableArray();
        return odd.IsEmpty
            ? "train and validation have the same classes in another order: put them in one order."
            : $"train and validation have different classes, such as {string.Join(", ", odd)}: a classes.txt in the folder names them all.";
    }
}
