package smoke;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/** Walks through tracking, search, files and registry; the experiment and the model bear the name of the argument. */
public final class Smoke {
  private static final long LATE = 4_102_444_800_123L;

  public static void main(String[] args) throws Exception {
    String name = args[0];
    MlflowContext context = new MlflowContext(new MlflowClient());
    MlflowClient client = context.getClient();

    String experimentId = client.createExperiment(name);
    client.setExperimentTag(experimentId, "made by", "Java ☕");
    same(experimentId, client.getExperimentByName(name).orElseThrow().getExperimentId());
    client.renameExperiment(experimentId, name + "-renamed");
    client.renameExperiment(experimentId, name);
    same(List.of(name), client.searchExperiments("name = '" + name + "'").getItems().stream()
        .map(found -> found.getName()).collect(Collectors.toList()));

    ActiveRun parent = context.setExperimentId(experimentId).startRun("parent");
    parent.logParam("depth", "3");
    parent.logParams(Map.of("rate", "0.1", "text", "ä\n\"✓\""));
    parent.logMetric("loss", 1.5, 0);
    parent.logMetrics(Map.of("loss", 0.25, "acc", 0.75), 1);
    parent.setTag("team", "java");
    String parentId = parent.getId();

    ActiveRun child = context.startRun("child", parentId);
    List<Metric> curve = IntStream.range(0, 500)
        .mapToObj(step -> Metric.newBuilder().setKey("curve").setValue(step / 4.0).setStep(step)
            .setTimestamp(LATE + step).build())
        .collect(Collectors.toList());
    client.logBatch(child.getId(), curve, List.of(Param.newBuilder().setKey("p").setValue("q").build()),
        List.of(RunTag.newBuilder().setKey("gone").setValue("soon").build()));
    client.logMetric(child.getId(), "not a number", Double.NaN);
    client.logMetric(child.getId(), "endless", Double.NEGATIVE_INFINITY);
    client.deleteTag(child.getId(), "gone");
    child.endRun(RunStatus.FAILED);
    same(500, client.getMetricHistory(child.getId(), "curve").size());
    same(curve.get(499), client.getRun(child.getId()).getData().getMetricsList().stream()
        .filter(metric -> metric.getKey().equals("curve")).findFirst().orElseThrow());

    Path folder = Files.createTempDirectory(Path.of("").toAbsolutePath(), "java");
    Files.writeString(folder.resolve("note ü.txt"), "written by Java");
    parent.logArtifact(folder.resolve("note ü.txt"), "notes");
    same(List.of("notes"), client.listArtifacts(parentId).stream()
        .map(file -> file.getPath()).collect(Collectors.toList()));
    Path fetched = client.downloadArtifacts(parentId, "notes").toPath();
    same("written by Java", Files.readString(fetched.resolve("note ü.txt")));
    parent.endRun();

    Run run = client.getRun(parentId);
    same(RunStatus.FINISHED, run.getInfo().getStatus());
    same(List.of(child.getId()), ids(client.searchRuns(List.of(experimentId),
        "tags.mlflow.parentRunId = '" + parentId + "' and attributes.status = 'FAILED'")));
    RunsPage first = client.searchRuns(
        List.of(experimentId), "", ViewType.ACTIVE_ONLY, 1, List.of("attributes.start_time ASC"));
    same(parentId, first.getItems().get(0).getInfo().getRunId());
    same(child.getId(), first.getNextPage().getItems().iterator().next().getInfo().getRunId());

    String doomed = client.createRun(experimentId).getRunId();
    client.deleteRun(doomed);
    same(List.of(doomed), ids(
        client.searchRuns(List.of(experimentId), "", ViewType.DELETED_ONLY)));
    client.restoreRun(doomed);
    client.setTerminated(doomed, RunStatus.KILLED, LATE);

    client.sendPost("registered-models/create", "{\"name\": \"" + name + "\"}");
    client.sendPost("model-versions/create", "{\"name\": \"" + name + "\", \"run_id\": \"" + parentId
        + "\", \"source\": \"" + parent.getArtifactUri() + "/notes\"}");
    client.sendPost("model-versions/transition-stage", "{\"name\": \"" + name
        + "\", \"version\": \"1\", \"stage\": \"Production\"}");
    ModelVersion latest = client.getLatestVersions(name, List.of("Production")).get(0);
    same(latest, client.getModelVersion(name, "1"));
    same(1, client.getRegisteredModel(name).getLatestVersionsCount());
    same(parentId, client.searchModelVersions("name = '" + name + "'").getItems().get(0).getRunId());
    Path model = client.downloadModelVersion(name, "1").toPath();
    same("written by Java", Files.readString(model.resolve("note ü.txt")));

    try {
      client.getRun("0".repeat(32));
      throw new AssertionError("A run that does not exist was found.");
    } catch (MlflowHttpException error) {
      same(404, error.getStatusCode());
      same(true, error.getBodyMessage().contains("RESOURCE_DOES_NOT_EXIST"));
    }
    client.close();
  }

  private static List<String> ids(List<RunInfo> runs) {
    return runs.stream().map(RunInfo::getRunId).collect(Collectors.toList());
  }

  private static void same(Object expected, Object actual) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", got " + actual);
  }
}
