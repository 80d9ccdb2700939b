namespace MlTr.Model.Tests.Data;

/// <summary>Where the checked-in samples lie.</summary>
internal static class Samples
{
    private static readonly string Root = Find();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "MlTr.Platform.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the repository's root was not found");
        }

        return System.IO.Path.Combine(folder, "tests/Model.Tests/Data/Samples");
    }
}
