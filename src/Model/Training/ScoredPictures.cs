using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>
/// What a network says about some pictures of a set, with what is known of them: all that the figures follow from. Parts of a set, computed anywhere
/// and in any order, merge to exactly the figures of the whole.
/// </summary>
public sealed class ScoredPictures
{
    private const string IndexName = "indices", ScoreName = "scores", LabelName = "labels", SizeName = "sizes", CountName = "counts";

    private ScoredPictures(int[] indices, float[,] scores, sbyte[,] labels, byte[,]? sizes, int[]? counts) =>
        (Indices, Scores, Labels, Sizes, Counts) = (indices, scores, labels, sizes, counts);

    /// <summary>Places of the n pictures in their set.</summary>
    public IReadOnlyList<int> Indices { get; }

    internal float[,] Scores { get; } // [n, K]

    internal sbyte[,] Labels { get; } // [n, K]: 1 present, 0 absent, -1 unknown

    internal byte[,]? Sizes { get; } // [n, K]

    internal int[]? Counts { get; } // [n]: how many classes the count head expects

    /// <summary>The answers for the pictures of a source that stand at these places in the whole set.</summary>
    internal static ScoredPictures Of(int[] indices, IBatchSource source, float[,] scores, int[]? counts) => indices.Length == source.Count
        ? new(indices, scores, source.Labels, source.Sizes, counts)
        : throw new ArgumentException($"{source.Count} pictures need as many places in their set; these are {indices.Length}.", nameof(indices));

    /// <summary>Reads what <see cref="Save"/> wrote; <see cref="InvalidDataException"/> if it is something else.</summary>
    public static ScoredPictures Load(string path)
    {
        using var file = Safetensors.Load(path);
        var (rows, classes) = file[ScoreName].shape is [var n, var k] ? ((int)n, (int)k) : throw new InvalidDataException($"{path}: the scores are no matrix.");
        T[,] Matrix<T>(string name)
            where T : unmanaged
        {
            var values = file[name].data<T>().ToArray();
            var matrix = new T[rows, classes];
            if (values.Length != matrix.Length)
            {
                throw new InvalidDataException($"{path}: {name} does not fit the scores.");
            }

            Buffer.BlockCopy(values, 0, matrix, 0, Buffer.ByteLength(matrix));
            return matrix;
        }

        return new ScoredPictures(
            file[IndexName].data<int>().ToArray(),
            Matrix<float>(ScoreName),
            Matrix<sbyte>(LabelName),
            file.Tensors.ContainsKey(SizeName) ? Matrix<byte>(SizeName) : null,
            file.Tensors.TryGetValue(CountName, out var counts) ? counts.data<int>().ToArray() : null);
    }

    /// <summary>Writes them into a safetensors file, which appears under its name only when it is complete.</summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        List<(string, Tensor)> tensors =
        [
            (IndexName, tensor((int[])Indices)),
            (ScoreName, from_array(Scores)),
            (LabelName, from_array(Labels)),
        ];
        if (Sizes is not null)
        {
            tensors.Add((SizeName, from_array(Sizes)));
        }

        if (Counts is not null)
        {
            tensors.Add((CountName, tensor(Counts)));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Safetensors.Save(path + ".unfinished", tensors);
        File.Move(path + ".unfinished", path, overwrite: true);
    }

    /// <summary>The figures of the whole set; <see cref="InvalidDataException"/> unless each of its pictures is in exactly one part.</summary>
    /// <param name="parts">Parts of one set, in any order.</param>
    /// <param name="pictures">Number of pictures of the set, N.</param>
    public static Evaluation Merge(IReadOnlyList<ScoredPictures> parts, int pictures)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var classes = parts.Select(part => part.Scores.GetLength(1)).Distinct().ToList() is [var only]
            ? only
            : throw new InvalidDataException("Parts of one set are needed, at least one.");
        if (!parts.SelectMany(part => part.Indices).Order().SequenceEqual(Enumerable.Range(0, pictures)))
        {
            throw new InvalidDataException($"The parts do not hold each of the {pictures} pictures once.");
        }

        var (scores, labels) = (new float[pictures, classes], new sbyte[pictures, classes]);
        var sizes = parts.All(part => part.Sizes is not null) ? new byte[pictures, classes] : null;
        var counts = parts.All(part => part.Counts is not null) ? new int[pictures] : null;
        foreach (var part in parts)
        {
            for (var row = 0; row < part.Indices.Count; row++)
            {
                var index = part.Indices[row];
                Copy(part.Scores, row, scores, index);
                Copy(part.Labels, row, labels, index);
                if (sizes is not null)
                {
                    Copy(part.Sizes!, row, sizes, index);
                }

                if (counts is not null)
                {
                    counts[index] = part.Counts![row];
                }
            }
        }

        return Evaluator.Measure(scores, counts, labels, sizes);
    }

    private static void Copy<T>(T[,] from, int row, T[,] to, int index)
    {
        for (var k = 0; k < from.GetLength(1); k++)
        {
            to[index, k] = from[row, k];
        }
    }
}

/// <summary>How the classes of a set are found among those that a network knows.</summary>
public static class ClassColumns
{
    private const int NamesShown = 5;

    /// <summary>For each class of the set its column in the network's answer, by name; an <see cref="ArgumentException"/> names the classes that the network does not know.</summary>
    public static int[] Of(IReadOnlyList<string> known, IReadOnlyList<string> wanted)
    {
        var columns = known.Select((name, column) => (name, column)).ToDictionary(pair => pair.name, pair => pair.column, StringComparer.Ordinal);
        var unknown = wanted.Where(name => !columns.ContainsKey(name)).ToList();
        return unknown.Count == 0
            ? [.. wanted.Select(name => columns[name])]
            : throw new ArgumentException(
                $"The network does not know {unknown.Count} of the set's {wanted.Count} classes: {string.Join(", ", unknown.Take(NamesShown))}{(unknown.Count > NamesShown ? ", .." : "")}; it knows {string.Join(", ", known.Take(NamesShown))}{(known.Count > NamesShown ? ", .." : "")}.");
    }
}

/// <summary>A set in parts of fixed pictures, which do not depend on who computes them.</summary>
public static class SetParts
{
    /// <summary>Pictures that a part is to have at most, about.</summary>
    public const int Pictures = 2_000;

    private const int MostParts = 64;

    /// <summary>How many parts a set of so many pictures has: its shards, each in two, three .. where they are large.</summary>
    public static int CountFor(int pictures, int shards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        return shards * Math.Clamp((pictures + (shards * Pictures) - 1) / (shards * Pictures), 1, Math.Max(1, MostParts / shards));
    }

    /// <summary>Number of pictures of each part.</summary>
    public static IReadOnlyList<int> Sizes(ImageSet set, int parts)
    {
        ArgumentNullException.ThrowIfNull(set);
        var sizes = new int[parts];
        foreach (var image in set.Images)
        {
            sizes[DatasetIndexer.ShardOf(image.Path, parts)]++;
        }

        return sizes;
    }

    /// <summary>Places of a part's pictures in the set, rising; <see cref="DatasetIndexer.ShardOf"/> tells the part of each.</summary>
    public static int[] IndicesOf(ImageSet set, int part, int parts)
    {
        ArgumentNullException.ThrowIfNull(set);
        return [.. Enumerable.Range(0, set.Images.Count).Where(index => DatasetIndexer.ShardOf(set.Images[index].Path, parts) == part)];
    }
}
