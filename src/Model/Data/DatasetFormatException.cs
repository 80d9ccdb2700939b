namespace MlTr.Model.Data;

/// <summary>A data set that cannot be read as it stands; the message names the file and what is wrong with it.</summary>
public sealed class DatasetFormatException : Exception
{
    /// <summary>Says which file is wrong and why.</summary>
    public DatasetFormatException(string file, string reason, Exception? inner = null)
        : base($"{file}: {reason}", inner)
    {
        File = file;
        Reason = reason;
    }

    /// <summary>The file at fault.</summary>
    public string File { get; }

    /// <summary>What is wrong with it, and where known what to do.</summary>
    public string Reason { get; }
}
