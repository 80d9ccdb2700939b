using System.Collections.Frozen;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Which role each member of <see cref="IMlTrClient"/> asks for. A member that is not here is refused to everybody.</summary>
internal static class ClientAccess
{
    /// <summary>What is asked for in order to log in.</summary>
    public static readonly FrozenSet<string> Everybody = FrozenSet.Create(
        nameof(IMlTrClient.LogInAsync), nameof(IMlTrClient.CheckSessionAsync), nameof(IMlTrClient.CheckTokenAsync), nameof(IMlTrClient.WatchAccountsAsync));

    /// <summary>What viewers may do with what is their own: the parameter that says whose it is must be their name. Admins may for all.</summary>
    public static readonly FrozenDictionary<string, string> Own = new Dictionary<string, string>
    {
        [nameof(IMlTrClient.ChangePasswordAsync)] = "name",
        [nameof(IMlTrClient.ListTokensAsync)] = "user",
        [nameof(IMlTrClient.AddTokenAsync)] = "user",
        [nameof(IMlTrClient.RevokeTokenAsync)] = "user",
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, UserRole> Roles = new Dictionary<UserRole, string[]>
    {
        [UserRole.Viewer] =
        [
            .. Own.Keys,
            nameof(IMlTrClient.GetEventsAsync), nameof(IMlTrClient.ListSweepsAsync), nameof(IMlTrClient.WatchSweepsAsync), nameof(IMlTrClient.GetSweepAsync), nameof(IMlTrClient.GetTrialsAsync),
            nameof(IMlTrClient.GetSweepCurvesAsync), nameof(IMlTrClient.WatchSweepAsync), nameof(IMlTrClient.GetTrialAsync), nameof(IMlTrClient.GetCurvesAsync), nameof(IMlTrClient.GetLogAsync),
            nameof(IMlTrClient.GetLeaderboardAsync), nameof(IMlTrClient.GetTopAsync), nameof(IMlTrClient.WatchLeaderboardAsync), nameof(IMlTrClient.GetSchedulerAsync), nameof(IMlTrClient.WatchSchedulerAsync),
            nameof(IMlTrClient.GetDatasetAsync), nameof(IMlTrClient.ListDatasetsAsync), nameof(IMlTrClient.GetDatasetStatisticsAsync), nameof(IMlTrClient.GetPicturesAsync), nameof(IMlTrClient.GetThumbnailAsync),
            nameof(IMlTrClient.GetEvaluationAsync), nameof(IMlTrClient.ListEvaluationsAsync), nameof(IMlTrClient.ListModelsAsync), nameof(IMlTrClient.GetModelAsync), nameof(IMlTrClient.ReadModelPackageAsync), nameof(IMlTrClient.ReadCheckpointAsync),
            nameof(IMlTrClient.GetNotesAsync), nameof(IMlTrClient.GetPredictionsAsync), nameof(IMlTrClient.GetPredictedPicturesAsync), nameof(IMlTrClient.GetPredictedPictureAsync),
            nameof(IMlTrClient.GetConfusionsAsync), nameof(IMlTrClient.GetSimilarPicturesAsync), nameof(IMlTrClient.GetHeatMapAsync), nameof(IMlTrClient.PredictPictureAsync),
            nameof(IMlTrClient.GetStorageAsync), nameof(IMlTrClient.EstimateAsync), nameof(IMlTrClient.GetMetricAsync), nameof(IMlTrClient.WatchSweepChangesAsync), nameof(IMlTrClient.WatchLeaderboardChangesAsync), nameof(IMlTrClient.WatchDecodedPicturesAsync),
            nameof(IMlTrClient.GetWorkerUtilisationAsync), nameof(IMlTrClient.GetWorkerHistoryAsync), nameof(IMlTrClient.WatchWorkerLogAsync), nameof(IMlTrClient.GetSizePrecisionAsync), nameof(IMlTrClient.GetCoPredictionsAsync), nameof(IMlTrClient.WatchDatasetAsync), nameof(IMlTrClient.WatchDatasetsAsync),
            nameof(IMlTrClient.WatchModelAsync), nameof(IMlTrClient.WatchModelsAsync), nameof(IMlTrClient.WatchEvaluationsAsync), nameof(IMlTrClient.WatchPredictionsAsync), nameof(IMlTrClient.WatchLogAsync), nameof(IMlTrClient.WatchNotesAsync),
        ],
        [UserRole.Editor] =
        [
            nameof(IMlTrClient.StartSweepAsync), nameof(IMlTrClient.CancelSweepAsync), nameof(IMlTrClient.PauseSweepAsync), nameof(IMlTrClient.ResumeSweepAsync), nameof(IMlTrClient.CancelTrialAsync),
            nameof(IMlTrClient.RetryTrialsAsync), nameof(IMlTrClient.ExtendSweepAsync), nameof(IMlTrClient.CloneSweepAsync), nameof(IMlTrClient.DeleteSweepAsync), nameof(IMlTrClient.RestoreSweepAsync),
            nameof(IMlTrClient.CheckDatasetAsync), // reads any folder of the server that it is given
            nameof(IMlTrClient.RegisterDatasetAsync), nameof(IMlTrClient.PrepareDatasetAsync), nameof(IMlTrClient.StartEvaluationAsync), nameof(IMlTrClient.CancelEvaluationAsync),
            nameof(IMlTrClient.RegisterModelAsync), nameof(IMlTrClient.SetModelStageAsync), nameof(IMlTrClient.DeleteModelVersionAsync), nameof(IMlTrClient.RestoreModelVersionAsync), nameof(IMlTrClient.SetTagsAsync), nameof(IMlTrClient.SetArchivedAsync), nameof(IMlTrClient.SetNotesAsync),
            nameof(IMlTrClient.StartPredictionsAsync),
        ],
        [UserRole.Admin] =
        [
            nameof(IMlTrClient.PurgeSweepAsync), nameof(IMlTrClient.PurgeModelVersionAsync), nameof(IMlTrClient.DeleteCheckpointAsync), nameof(IMlTrClient.DrainWorkerAsync), nameof(IMlTrClient.ResumeWorkerAsync),
            nameof(IMlTrClient.ListUsersAsync), nameof(IMlTrClient.AddUserAsync), nameof(IMlTrClient.SetUserRoleAsync), nameof(IMlTrClient.SetPasswordAsync), nameof(IMlTrClient.RemoveUserAsync),
        ],
    }.SelectMany(role => role.Value.Select(member => KeyValuePair.Create(member, role.Key))).ToFrozenDictionary();
}
