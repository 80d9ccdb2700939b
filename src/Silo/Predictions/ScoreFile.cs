using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Inspection;
using static TorchSharp.torch;

namespace MlTr.Silo.Predictions;

/// <summary>Keeps the scores of one checkpoint beside it, together with what they belong to.</summary>
internal sealed class ScoreFile(string trialFolder, TrainerCheckpoint checkpoint, ImageSet set)
{
    private const string Scores = "scores", Features = "features", Data = "data", Unread = "unread";

    private readonly string _folder = Path.Combine(trialFolder, "predictions");

    // By its last two names: attempt and step.
    private string FilePath => Path.Combine(_folder, $"{Path.GetFileName(Path.GetDirectoryName(checkpoint.Folder))}-{Path.GetFileName(checkpoint.Folder)}.safetensors");

    /// <summary>What was kept; null if nothing was, it is damaged, or the pictures have changed since.</summary>
    public (Survey Survey, ImmutableHashSet<int> Unread)? TryLoad()
    {
        if (!File.Exists(FilePath))
        {
            return null;
        }

        try
        {
            using var file = Safetensors.Load(FilePath);
            if (file.Metadata.GetValueOrDefault(Data) != Digest() || file[Scores].numel() != (long)set.Images.Count * set.Classes.Count)
            {
                return null;
            }

            var features = file[Features];
            var survey = new Survey(file[Scores].data<float>().ToArray(), features.data<float>().ToArray(), (int)features.shape[1]);
            var unread = file.Metadata.GetValueOrDefault(Unread, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (survey, [.. unread.Select(index => int.Parse(index, CultureInfo.InvariantCulture))]);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or KeyNotFoundException or FormatException)
        {
            return null; // computed again
        }
    }

    /// <summary>Keeps them in place of those of earlier checkpoints.</summary>
    public void Save(Survey survey, ImmutableHashSet<int> unread)
    {
        Directory.CreateDirectory(_folder);
        using var scope = NewDisposeScope();
        var unfinished = FilePath + ".unfinished";
        Safetensors.Save(
            unfinished,
            [
                (Scores, tensor(survey.Scores, [set.Images.Count, set.Classes.Count])),
                (Features, tensor(survey.Features, [set.Images.Count, survey.FeatureCount])),
            ],
            new Dictionary<string, string> { [Data] = Digest(), [Unread] = string.Join(' ', unread.Order().Select(index => index.ToString(CultureInfo.InvariantCulture))) });
        File.Move(unfinished, FilePath, overwrite: true);
        foreach (var earlier in Directory.EnumerateFiles(_folder).Where(path => path != FilePath).ToList())
        {
            File.Delete(earlier);
        }
    }

    /// <summary>Of the paths and classes: scores of other pictures are of no use. Labels may be corrected without computing again.</summary>
    private string Digest()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in set.Classes.Concat(set.Images.Select(image => image.Path)))
        {
            sha.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
