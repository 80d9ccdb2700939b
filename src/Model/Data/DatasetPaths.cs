namespace MlTr.Model.Data;

/// <summary>Keeps every path that a data file names inside the data set's own folder.</summary>
public static class DatasetPaths
{
    /// <summary>Forward slashes, no leading "./"; null when the path is absolute or climbs out of its folder.</summary>
    public static string? Normalise(string path)
    {
        var parts = path.Replace('\\', '/').Split('/');
        if (path.Length == 0 || parts[0].Length == 0 || parts[0].Contains(':', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            return null; // "/etc", "\\server", "C:\", "" and "file://"
        }

        var kept = parts.Where(part => part is not ("" or ".")).ToArray();
        return kept.Length == 0 || kept.Contains("..") ? null : string.Join('/', kept);
    }

    /// <summary>The full path of a file of the set; follows symbolic links and refuses those that lead outside.</summary>
    public static string Resolve(string root, string relative)
    {
        var clean = Normalise(relative) ?? throw new DatasetFormatException(relative, "the path leads outside the data set's folder");
        var full = Path.GetFullPath(Path.Combine(root, clean));
        if (HasLink(root, clean) && !IsInside(RealPath(root), RealPath(full)))
        {
            throw new DatasetFormatException(relative, "a symbolic link leads outside the data set's folder");
        }

        return full;
    }

    private static bool HasLink(string root, string relative)
    {
        var path = root;
        foreach (var part in relative.Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInside(string root, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // .NET resolves only the last part of a path, so each folder on the way is resolved in turn.
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            if (new FileInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                real = RealPath(target.FullName);
            }
        }

        return real;
    }
}
