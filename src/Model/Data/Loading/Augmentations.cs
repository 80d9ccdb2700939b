namespace MlTr.Model.Data.Loading;

/// <summary>What is done to training pictures; combine with |.</summary>
[Flags]
public enum Augmentations
{
    /// <summary>Pictures are shown as they are.</summary>
    None = 0,

    /// <summary>Mirrors half of the pictures; for sets where left and right do not matter.</summary>
    Flip = 1,

    /// <summary>Hides a rectangle of half the height and half the width.</summary>
    Cutout = 2,

    /// <summary>Two random operations on colour or geometry, each with probability one half.</summary>
    RandAugment = 4,
}

/// <summary>The names that users write for augmentations.</summary>
public static class AugmentationNames
{
    /// <summary>Reads "none", "cutout", "randaugment", "flip", or several joined by "+".</summary>
    public static Augmentations Parse(string text)
    {
        var all = Augmentations.None;
        foreach (var name in text.Split('+', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            all |= Enum.TryParse<Augmentations>(name, ignoreCase: true, out var one) && Enum.IsDefined(one) && !char.IsDigit(name[0])
                ? one
                : throw new ArgumentException($"there is no augmentation \"{name}\"; known are none, flip, cutout, randaugment", nameof(text));
        }

        return all;
    }
}
