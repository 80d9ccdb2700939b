namespace MlTr.EndToEnd.Tests;

/// <summary>A dataset of a person's own, as small as can be.</summary>
internal static class Pictures
{
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    /// <summary>Writes two classes of six pictures each for either split, as one folder a class.</summary>
    public static void Write(string path)
    {
        foreach (var (split, label, number) in from split in (string[])["train", "validation"] from label in (string[])["cup", "plate"] from number in Enumerable.Range(1, 6) select (split, label, number))
        {
            var folder = Directory.CreateDirectory(Path.Combine(path, split, label)).FullName;
            File.WriteAllBytes(Path.Combine(folder, $"{number}.png"), Convert.FromBase64String(Picture));
        }
    }
}
