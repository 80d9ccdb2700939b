using MlTr.Abstractions.Datasets;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>What the states of a dataset mean.</summary>
internal static class DatasetWords
{
    public static string Explain(DatasetState state) => state switch
    {
        DatasetState.Registered => "Known, its pictures not yet read.",
        DatasetState.Preparing => "Its pictures are being read.",
        DatasetState.Ready => "Read from end to end; trials may use it.",
        _ => "Cannot be used; its page says why.",
    };
}
