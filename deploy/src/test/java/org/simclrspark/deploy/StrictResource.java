package org.simclrspark.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Reads a resource of Kubernetes as its API does with strict validation: unknown fields are wrong.
 */
final class StrictResource {

  private StrictResource() {}

  /** Fields that the class of a resource does not know, by path. */
  static List<String> unknownFields(JsonNode resource, Class<?> type) {
    List<String> unknown = new ArrayList<>();
    collect(Serialization.jsonMapper().convertValue(resource, type), "", unknown);
    return unknown;
  }

  /** The same for a resource whose kind names its class. */
  static List<String> unknownFields(JsonNode resource) {
    Object read = Serialization.unmarshal(resource.toString());
    List<String> unknown = new ArrayList<>();
    collect(read, resource.path("kind").asText(), unknown);
    return unknown;
  }

  private static void collect(Object value, String path, List<String> unknown) {
    if (value instanceof Collection<?> list) {
      list.forEach(item -> collect(item, path + "[]", unknown));
    } else if (value != null && value.getClass().getPackageName().startsWith("io.fabric8")) {
      try {
        for (PropertyDescriptor property :
            Introspector.getBeanInfo(value.getClass(), Object.class).getPropertyDescriptors()) {
          if (property.getReadMethod() == null) {
            continue;
          }
          Object field = property.getReadMethod().invoke(value);
          if (property.getName().equals("additionalProperties")) {
            ((Map<?, ?>) field).keySet().forEach(name -> unknown.add(path + "." + name));
          } else {
            collect(field, path + "." + property.getName(), unknown);
          }
        }
      } catch (IntrospectionException | ReflectiveOperationException e) {
        throw new IllegalStateException(path, e);
      }
    }
  }
}
